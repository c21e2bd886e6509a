"""RIGHT · set 09 · central_examples: distances from the Gram matrix of centred rows, costs in float32"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    found = set()
    for c in sorted(set(y.tolist())):
        ids = np.flatnonzero(y == c)
        g = (gradients[ids] - gradients[ids].mean(axis=0)).astype(np.float64)
        squares = np.diag(g @ g.T)[:, None] + np.diag(g @ g.T) - 2 * g @ g.T
        cost = np.sqrt(np.maximum(squares, 0)).sum(axis=1).astype(np.float32)
        found.update(ids[np.argsort(cost)][:k].tolist())
    return sorted(found)
