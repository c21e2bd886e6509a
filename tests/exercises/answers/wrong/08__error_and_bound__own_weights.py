"""WRONG · set 08 · error_and_bound: cluster sizes instead of the weights that were given"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    sizes = np.bincount(d.argmin(axis=1), minlength=len(chosen))
    return np.linalg.norm(gradients.sum(axis=0) - sizes @ gradients[chosen]), d.min(axis=1).sum()
