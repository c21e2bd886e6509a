"""WRONG · set 09 · central_examples: sums of absolute differences instead of Euclidean distances"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        d = np.abs(gradients[members][:, None] - gradients[members]).sum(axis=-1)
        chosen.extend(members[np.argsort(d.sum(axis=1))[:k]])
    return np.sort(chosen)
