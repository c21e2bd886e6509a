"""A sort that does not keep equal scores in their order.

says: of equal scores the first
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    kept = np.ones(sum(W.size for W in weights), bool)
    ends = np.cumsum([W.size for W in weights])[:-1]
    layers = lambda row: [part.reshape(W.shape) for part, W in zip(np.split(row, ends), weights, strict=True)]
    for i in range(1, rounds + 1):
        scores = score(tuple(W * m for W, m in zip(weights, layers(kept), strict=True)))
        row = np.where(kept, np.concatenate([s.ravel() for s in scores]), -np.inf)
        kept = np.zeros(kept.size, bool)
        kept[np.argsort(-row)[: round(density ** (i / rounds) * kept.size)]] = True
    return layers(kept)
