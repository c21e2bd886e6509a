"""RIGHT · set 08 · network_coreset: whole floats for indices and weights, as two rows of an array"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    p = np.array(probabilities)
    p[np.arange(len(y)), y] -= 1
    ids = [int(j) for c in np.unique(y) for j in exemplars(p, np.flatnonzero(y == c), k)]
    return np.vstack([ids, cluster_weights(p, y, np.array(ids))])
