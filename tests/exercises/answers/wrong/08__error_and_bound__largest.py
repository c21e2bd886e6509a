"""WRONG · set 08 · error_and_bound: the largest distance in place of the nearest"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = 0
    error = np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen])
    return error, d.max(axis=1).sum()
