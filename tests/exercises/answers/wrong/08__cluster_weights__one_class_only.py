"""WRONG · set 08 · cluster_weights: labels assumed to be 0 and 1"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    weights = np.zeros(len(chosen))
    for c in (0, 1):
        members, places = np.flatnonzero(y == c), np.flatnonzero(y[chosen] == c)
        d = np.linalg.norm(gradients[members][:, None] - gradients[chosen[places]][None], axis=2)
        weights[places] = np.bincount(d.argmin(axis=1), minlength=len(places))
    return weights
