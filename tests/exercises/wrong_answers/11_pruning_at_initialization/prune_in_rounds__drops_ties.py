"""A threshold at the largest score that goes: of equal ones none stays.

says: exact counts, of equal scores the first
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    ends = np.cumsum([W.size for W in weights])[:-1]
    kept = np.ones(sum(W.size for W in weights), bool)
    layers = lambda row: [part.reshape(W.shape) for part, W in zip(np.split(row, ends), weights, strict=True)]
    for i in range(1, rounds + 1):
        scores = score(tuple(W * m for W, m in zip(weights, layers(kept), strict=True)))
        row = np.where(kept, np.concatenate([s.ravel() for s in scores]), -np.inf)
        order, k = np.sort(row)[::-1], round(density ** (i / rounds) * kept.size)
        kept = kept & (row > order[k]) if k < kept.size else kept
    return layers(kept)
