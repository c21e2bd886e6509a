"""WRONG · set 08 · exemplars: the example that helps one member most"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0)
        gains = gains.sum(axis=0) if not chosen else gains.max(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
