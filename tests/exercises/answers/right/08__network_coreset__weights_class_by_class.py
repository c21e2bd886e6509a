"""RIGHT · set 08 · network_coreset: weights counted while choosing"""

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
    indices, weights = [], []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        own = chosen_in(probabilities, members, k)
        d = ((probabilities[members][:, None] - probabilities[own]) ** 2).sum(-1)
        indices.extend(own)
        weights.extend((d.argmin(1)[:, None] == np.arange(k)).sum(0))
    return np.array(indices), np.array(weights)
