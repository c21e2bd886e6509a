"""A ranking for each layer, not one for the network.

says: an eighth of eight weights
"""

import numpy as np


def prune_in_rounds(score, weights, density, rounds):
    masks = [np.ones(W.shape, bool) for W in weights]
    for i in range(1, rounds + 1):
        scores = score(tuple(W * m for W, m in zip(weights, masks, strict=True)))
        for s, m in zip(scores, masks, strict=True):
            order = np.argsort(-np.where(m, s, -np.inf), axis=None, kind="stable")
            m.ravel()[order[round(density ** (i / rounds) * m.size) :]] = False
    return masks
