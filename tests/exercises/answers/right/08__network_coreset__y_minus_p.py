"""RIGHT · set 08 · network_coreset: the sign does not matter"""

# %% answer
import numpy as np


def chosen_in(g, members, k):
    d = np.linalg.norm(g[members][:, None] - g[members][None], axis=2)
    s, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(s - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best = np.maximum(best, s[:, chosen[-1]])
    return members[chosen]


def network_coreset(x, probabilities, y, k):
    g = np.eye(probabilities.shape[1])[y] - probabilities
    indices = np.concatenate([chosen_in(g, np.flatnonzero(y == c), k) for c in np.unique(y)])
    d = np.linalg.norm(g[:, None] - g[indices][None], axis=2)
    d[y[:, None] != y[indices][None]] = np.inf
    weights = np.bincount(d.argmin(axis=1), minlength=len(indices)) + 0.0
    return indices, weights
