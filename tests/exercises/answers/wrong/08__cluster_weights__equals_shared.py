"""WRONG · set 08 · cluster_weights: an example with several nearest ones is shared among them"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    d[y[:, None] != y[chosen][None]] = np.inf
    nearest = d == d.min(axis=1, keepdims=True)
    return (nearest / nearest.sum(axis=1, keepdims=True)).sum(axis=0)
