"""Gains count the examples of all classes.

says: greedy takes the largest gain
"""

import numpy as np


def exemplars(gradients, members, k):
    d = np.linalg.norm(gradients[:, None] - gradients[members][None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(gradients)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
