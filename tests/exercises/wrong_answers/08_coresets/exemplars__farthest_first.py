"""The example farthest from what was chosen, as in k-center.

says: greedy takes the largest gain
"""

import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    chosen = [int(d.sum(axis=0).argmin())]
    while len(chosen) < k:
        chosen.append(int(d[:, chosen].min(axis=1).argmax()))
    return members[chosen]
