"""WRONG · set 08 · error_and_bound: weights are matched with the sorted ids"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    chosen = np.sort(chosen)
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    return np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen]), d.min(axis=1).sum()
