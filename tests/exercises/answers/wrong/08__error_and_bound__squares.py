"""WRONG · set 08 · error_and_bound: squared distances in the bound"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    error = np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen])
    return error, (d.min(axis=1) ** 2).sum()
