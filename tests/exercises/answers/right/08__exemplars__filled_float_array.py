"""RIGHT · set 08 · exemplars: an array made by np.zeros, so that ids are whole floats"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g, out = gradients[members], np.zeros(k)
    d = np.sqrt(((g[:, None] - g[None]) ** 2).sum(axis=2))
    nearest, free = np.full(len(g), d.max()), np.ones(len(g), dtype=bool)
    for t in range(k):
        saved = np.clip(nearest[:, None] - d, 0, None).sum(axis=0)
        e = int(np.where(free, saved, -np.inf).argmax())
        out[t], free[e] = members[e], False
        nearest = np.minimum(nearest, d[:, e])
    return out
