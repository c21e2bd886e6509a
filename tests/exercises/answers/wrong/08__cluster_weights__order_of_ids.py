"""WRONG · set 08 · cluster_weights: weights in the order of the ids, not of chosen"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    chosen = np.sort(chosen)
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    return np.bincount(d.argmin(axis=1), minlength=len(chosen)) + 0.0
