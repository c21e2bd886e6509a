"""RIGHT · set 08 · cluster_weights: one chosen example after the other, with a running minimum"""

# %% answer
import numpy as np


def cluster_weights(gradients, y, chosen):
    best, owner = np.full(len(y), np.inf), np.full(len(y), -1)
    for place, j in enumerate(chosen):
        d = np.linalg.norm(gradients - gradients[j], axis=1)
        closer = (y == y[j]) & (d < best)
        best[closer], owner[closer] = d[closer], place
    return np.array([np.count_nonzero(owner == place) for place in range(len(chosen))])
