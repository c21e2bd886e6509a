"""RIGHT · set 08 · exemplars: of equal gains the last one"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(len(gains) - 1 - int(gains[::-1].argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
