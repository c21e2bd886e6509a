"""A sort that does not keep equal scores in their order.

says: layer_masks
"""

import numpy as np


def layer_masks(scores, density, scope):
    if scope == "layer":
        return [layer_masks((s,), density, "global")[0] for s in scores]
    row = np.concatenate([s.ravel() for s in scores])
    kept = np.zeros(row.size, bool)
    kept[np.argsort(-row)[: round(density * row.size)]] = True
    parts = np.split(kept, np.cumsum([s.size for s in scores])[:-1])
    return [part.reshape(s.shape) for part, s in zip(parts, scores, strict=True)]
