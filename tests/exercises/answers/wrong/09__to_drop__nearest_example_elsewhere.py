"""WRONG · set 09 · to_drop: medoids whose nearest example has a nearer medoid"""

# %% answer
import numpy as np


def to_drop(gradients, y, medoids):
    gone = []
    for m in medoids:
        d = np.where(
            (y == y[m]) & (np.arange(len(y)) != m), np.linalg.norm(gradients - gradients[m], axis=1), np.inf
        )
        i = int(d.argmin())
        if i in medoids or any(
            y[o] == y[m] and np.linalg.norm(gradients[i] - gradients[o]) < d[i] for o in medoids
        ):
            gone.append(m)
    return np.sort(gone)
