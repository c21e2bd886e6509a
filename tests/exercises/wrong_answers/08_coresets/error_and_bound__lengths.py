"""The difference of two lengths.

says: the length of the difference of two sums
"""

import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    error = abs(np.linalg.norm(gradients.sum(axis=0)) - np.linalg.norm(weights @ gradients[chosen]))
    return error, d.min(axis=1).sum()
