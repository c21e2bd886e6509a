"""RIGHT · set 08 · network_coreset: calls exemplars and cluster_weights"""

# %% answer
import numpy as np


def network_coreset(x, probabilities, y, k):
    g = probabilities.copy()
    g[np.arange(len(y)), y] -= 1
    chosen = []
    for c in sorted(set(y.tolist())):
        chosen += list(exemplars(g, np.flatnonzero(y == c), k))
    chosen = np.array(chosen, dtype=int)
    return [chosen, cluster_weights(g, y, chosen)]
