"""WRONG · set 09 · central_examples: labels are taken to be 0, 1, 2 and so on"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in range(len(set(y.tolist()))):
        members = np.flatnonzero(y == c)
        d = np.linalg.norm(gradients[members][:, None] - gradients[members], axis=-1)
        chosen.extend(members[np.argsort(d.sum(axis=1))[:k]])
    return np.sort(chosen)
