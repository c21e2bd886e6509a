"""The factor of the whole run is returned, not that of a step.

says: here with kappa = 25
"""

import numpy as np


def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        w = w - eta * grad(w)
    return np.linalg.norm(w) / np.linalg.norm(start)
