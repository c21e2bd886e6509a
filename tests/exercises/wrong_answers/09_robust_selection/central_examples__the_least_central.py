"""The largest sums instead of the smallest.

says: the summed distances are 4, 3 and 5
"""

import numpy as np


def central_examples(gradients, y, k):
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        g = gradients[members]
        costs = np.linalg.norm(g[:, None] - g[None], axis=-1).sum(axis=1)
        chosen.extend(members[np.argsort(-costs)[:k]])
    return np.sort(chosen)
