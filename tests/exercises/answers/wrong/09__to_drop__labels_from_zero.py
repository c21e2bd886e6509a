"""WRONG · set 09 · to_drop: labels are taken to be 0, 1, 2 and so on"""

# %% answer
import numpy as np


def to_drop(gradients, y, medoids):
    gone = []
    for c in range(len(set(y.tolist()))):
        members, mine = np.flatnonzero(y == c), medoids[y[medoids] == c]
        nearest = np.linalg.norm(gradients[members][:, None] - gradients[mine], axis=2).argmin(axis=1)
        gone.extend(mine[np.bincount(nearest, minlength=len(mine)) == 1])
    return np.sort(gone)
