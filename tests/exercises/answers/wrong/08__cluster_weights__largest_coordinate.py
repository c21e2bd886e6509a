"""WRONG · set 08 · cluster_weights: the largest difference of a coordinate instead of the Euclidean distance"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    d = np.abs(gradients[:, None] - gradients[chosen][None]).max(axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    return np.bincount(d.argmin(axis=1), minlength=len(chosen)) + 0.0
