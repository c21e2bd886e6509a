"""WRONG · set 09 · central_examples: nearest to the median of each coordinate"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        middle = np.median(gradients[members], axis=0)
        chosen.extend(members[np.linalg.norm(gradients[members] - middle, axis=1).argsort(kind="stable")[:k]])
    return np.sort(chosen)
