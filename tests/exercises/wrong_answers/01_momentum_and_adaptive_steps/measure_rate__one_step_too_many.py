"""One more step is run than asked for.

says: was called 2 times; the budget here is 1
"""

import numpy as np


def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        w = w - eta * grad(w)
    return np.linalg.norm(w - eta * grad(w)) / np.linalg.norm(w)
