"""WRONG · set 08 · exemplars: greedy stops when no example brings anything"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    while len(chosen) < k:
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        if chosen and gains.max() <= 1e-12:
            break
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
