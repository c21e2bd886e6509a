"""Every layer is ranked by itself, whatever the scope.

says: the first layer loses everything
"""

import numpy as np


def layer_masks(scores, density, scope):
    found = []
    for s in scores:
        kept = np.zeros(s.size, bool)
        kept[np.argsort(-s, axis=None, kind="stable")[: round(density * s.size)]] = True
        found.append(kept.reshape(s.shape))
    return found
