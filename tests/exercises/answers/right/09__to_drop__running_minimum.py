"""RIGHT · set 09 · to_drop: medoid after medoid with a running minimum, float32"""

# %% answer
import numpy as np


def to_drop(gradients, y, medoids):
    g = gradients.astype(np.float32)
    best, owner = np.full(len(y), np.inf), np.zeros(len(y), dtype=int)
    for m in medoids:
        d = np.where(y == y[m], np.linalg.norm(g - g[m], axis=1), np.inf)
        owner[d < best], best = m, np.minimum(d, best)
    ids, sizes = np.unique(owner, return_counts=True)
    return ids[sizes == 1]
