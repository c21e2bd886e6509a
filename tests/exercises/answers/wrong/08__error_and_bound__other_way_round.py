"""WRONG · set 08 · error_and_bound: the bound first"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    return d.min(axis=1).sum(), np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen])
