"""WRONG · set 08 · exemplars: the best set of k by trying all, in the order of ids, for small classes"""

# %% answer
from itertools import combinations

import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    sets = list(combinations(range(len(g)), k)) if len(g) < 13 else [tuple(range(k))]
    return members[list(min(sets, key=lambda s: d[:, list(s)].min(axis=1).sum()))]
