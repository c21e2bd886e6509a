"""WRONG · set 08 · cluster_weights: a chosen example always represents itself, even if an equal one comes before it"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    nearest = d.argmin(axis=1)
    nearest[chosen] = np.arange(len(chosen))
    return np.bincount(nearest, minlength=len(chosen)) + 0.0
