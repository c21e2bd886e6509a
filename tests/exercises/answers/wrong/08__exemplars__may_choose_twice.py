"""WRONG · set 08 · exemplars: nothing prevents a second choice of the same example, when all gains are 0"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
