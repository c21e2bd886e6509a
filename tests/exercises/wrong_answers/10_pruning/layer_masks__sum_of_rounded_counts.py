"""The network keeps as many as its layers would, each of them rounded.

says: one ranking for the whole network
"""

import numpy as np


def layer_masks(scores, density, scope):
    if scope == "layer":
        return [layer_masks((s,), density, "global")[0] for s in scores]
    row = np.concatenate([s.ravel() for s in scores])
    kept = np.zeros(row.size, bool)
    kept[np.argsort(-row, kind="stable")[: sum(round(density * s.size) for s in scores)]] = True
    parts = np.split(kept, np.cumsum([s.size for s in scores])[:-1])
    return [part.reshape(s.shape) for part, s in zip(parts, scores, strict=True)]
