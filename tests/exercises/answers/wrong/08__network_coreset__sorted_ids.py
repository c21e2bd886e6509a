"""WRONG · set 08 · network_coreset: indices ascending instead of class by class"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities - np.eye(probabilities.shape[1])[y]
    ids = np.sort(
        np.concatenate([np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in np.unique(y)]).astype(int)
    )
    return ids, cluster_weights(g, y, ids)
