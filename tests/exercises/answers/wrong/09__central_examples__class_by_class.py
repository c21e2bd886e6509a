"""WRONG · set 09 · central_examples: not ascending, but class by class"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        d = np.linalg.norm(gradients[members][:, None] - gradients[members], axis=-1)
        chosen.extend(np.sort(members[np.argsort(d.sum(axis=1))[:k]]))
    return np.array(chosen)
