"""WRONG · set 08 · network_coreset: the norm of p − y (EL2N) as the only coordinate"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = np.linalg.norm(probabilities - np.eye(probabilities.shape[1])[y], axis=1)[:, None]
    ids = np.concatenate([np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in np.unique(y)]).astype(
        int
    )
    return ids, cluster_weights(g, y, ids)
