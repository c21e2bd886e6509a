"""The bound multiplied by the weights.

says: the nearest of its own class is
"""

import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    error = np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen])
    return error, (weights[d.argmin(axis=1)] / weights.mean() * d.min(axis=1)).sum()
