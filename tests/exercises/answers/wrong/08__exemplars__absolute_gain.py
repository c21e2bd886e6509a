"""WRONG · set 08 · exemplars: the gain is not cut off at 0"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = (similarity - best[:, None]).sum(axis=0)
        gains[chosen] = -np.inf
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
