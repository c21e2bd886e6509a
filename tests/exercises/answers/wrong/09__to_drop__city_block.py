"""WRONG · set 09 · to_drop: sums of absolute differences instead of Euclidean distances"""

# %% answer
import numpy as np


def to_drop(gradients, y, medoids):
    d = np.abs(gradients[:, None] - gradients[medoids][None]).sum(axis=-1)
    d[y[:, None] != y[medoids][None]] = np.inf
    sizes = np.bincount(d.argmin(axis=1), minlength=len(medoids))
    return np.sort(medoids[sizes == 1])
