"""WRONG · set 08 · network_coreset: classes in the order in which they appear"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities - np.eye(probabilities.shape[1])[y]
    ids = np.concatenate(
        [np.array(exemplars(g, np.flatnonzero(y == c), k)) for c in dict.fromkeys(y.tolist())]
    ).astype(int)
    return ids, cluster_weights(g, y, ids)
