"""WRONG · set 09 · central_examples: the smallest largest distance instead of the smallest sum"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        d = np.linalg.norm(gradients[members][:, None] - gradients[members], axis=-1)
        chosen.extend(members[np.argsort(d.max(axis=1), kind="stable")[:k]])
    return np.sort(chosen)
