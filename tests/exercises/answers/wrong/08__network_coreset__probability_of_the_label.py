"""WRONG · set 08 · network_coreset: only the probability of the label"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities[np.arange(len(y)), y][:, None]
    ids = np.concatenate([np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in np.unique(y)]).astype(
        int
    )
    return ids, cluster_weights(g, y, ids)
