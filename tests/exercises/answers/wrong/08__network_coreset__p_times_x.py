"""WRONG · set 08 · network_coreset: gradients of the last layer, p − y times the input"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    delta = probabilities - np.eye(probabilities.shape[1])[y]
    g = (delta[:, :, None] * x[:, None, :]).reshape(len(y), -1)
    ids = np.concatenate([np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in np.unique(y)]).astype(
        int
    )
    return ids, cluster_weights(g, y, ids)
