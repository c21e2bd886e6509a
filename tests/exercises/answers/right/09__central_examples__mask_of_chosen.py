"""RIGHT · set 09 · central_examples: a mask over all examples"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    d = np.linalg.norm(gradients[:, None] - gradients, axis=-1)
    cost = np.where(y[:, None] == y, d, 0).sum(axis=0)
    chosen = np.zeros(len(y), dtype=bool)
    for _ in range(k):
        for c in np.unique(y):
            left = np.flatnonzero((y == c) & ~chosen)
            chosen[left[cost[left].argmin()]] = True
    return chosen.nonzero()[0]
