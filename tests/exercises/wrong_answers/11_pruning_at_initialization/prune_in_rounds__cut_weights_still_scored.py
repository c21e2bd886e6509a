"""In every round the dense weights are scored.

says: score sees 8, then 4, then 2 weights
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    ends = np.cumsum([W.size for W in weights])[:-1]
    kept = np.ones(sum(W.size for W in weights), bool)
    for i in range(1, rounds + 1):
        row = np.where(kept, np.concatenate([s.ravel() for s in score(weights)]), -np.inf)
        kept = np.zeros(kept.size, bool)
        kept[np.argsort(-row, kind="stable")[: round(density ** (i / rounds) * kept.size)]] = True
    return [part.reshape(W.shape) for part, W in zip(np.split(kept, ends), weights, strict=True)]
