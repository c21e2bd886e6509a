"""One threshold for the network: all that reach it stay.

says: one ranking for the whole network
"""

import numpy as np


def layer_masks(scores, density, scope):
    if scope == "global":
        row = np.sort(np.concatenate([s.ravel() for s in scores]))[::-1]
        k = round(density * row.size)
        return [s >= row[k - 1] if k else np.zeros(s.shape, bool) for s in scores]
    found = []
    for s in scores:
        kept = np.zeros(s.size, bool)
        kept[np.argsort(-s, axis=None, kind="stable")[: round(density * s.size)]] = True
        found.append(kept.reshape(s.shape))
    return found
