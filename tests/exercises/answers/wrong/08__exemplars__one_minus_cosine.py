"""WRONG · set 08 · exemplars: distances of directions"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    u = g / (np.linalg.norm(g, axis=1, keepdims=True) + 1e-12)
    d = 1 - u @ u.T
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
