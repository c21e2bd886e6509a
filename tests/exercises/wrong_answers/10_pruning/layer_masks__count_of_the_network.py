"""Every layer keeps as many as the whole network should.

says: half of each layer
"""

import numpy as np


def layer_masks(scores, density, scope):
    k = round(density * sum(s.size for s in scores))
    row = np.concatenate([s.ravel() for s in scores])
    order = np.argsort(-row, kind="stable")
    kept = np.zeros(row.size, bool)
    kept[order[:k]] = True
    parts = np.split(kept, np.cumsum([s.size for s in scores])[:-1])
    if scope == "layer":
        parts = [np.argsort(np.argsort(-s.ravel(), kind="stable")) < k for s in scores]
    return [part.reshape(s.shape) for part, s in zip(parts, scores, strict=True)]
