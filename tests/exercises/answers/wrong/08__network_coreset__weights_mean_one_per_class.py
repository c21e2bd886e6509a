"""WRONG · set 08 · network_coreset: relative weights, that average to one in each class"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities - np.eye(probabilities.shape[1])[y]
    ids = np.concatenate([np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in np.unique(y)]).astype(
        int
    )
    w = np.array(cluster_weights(g, y, ids)) + 0.0
    return ids, np.concatenate([w[y[ids] == c] / w[y[ids] == c].mean() for c in np.unique(y)])
