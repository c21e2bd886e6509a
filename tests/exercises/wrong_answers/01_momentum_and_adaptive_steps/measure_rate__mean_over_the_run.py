"""The mean factor of the whole run is returned, early steps included.

says: the last one halves the distance
"""

import numpy as np


def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        w = w - eta * grad(w)
    return (np.linalg.norm(w) / np.linalg.norm(start)) ** (1 / steps)
