"""All at once, and the number of rounds is not looked at.

says: score sees 8, then 4, then 2 weights
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    row = np.concatenate([s.ravel() for s in score(weights)])
    kept = np.zeros(row.size, bool)
    kept[np.argsort(-row, kind="stable")[: round(density * row.size)]] = True
    parts = np.split(kept, np.cumsum([W.size for W in weights])[:-1])
    return [part.reshape(W.shape) for part, W in zip(parts, weights, strict=True)]
