"""Distances to all examples, not to those of the own class.

says: only distances within the own class count
"""

import numpy as np


def central_examples(gradients, y, k):
    costs = np.linalg.norm(gradients[:, None] - gradients[None], axis=-1).sum(axis=1)
    chosen = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        chosen.extend(members[np.argsort(costs[members])[:k]])
    return np.sort(chosen)
