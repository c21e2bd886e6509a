"""A sort that does not keep equal scores in their order.

says: of equal scores the first
"""

import numpy as np


def keep_top(scores, density):
    kept = np.zeros(scores.size, bool)
    kept[np.argsort(-scores, axis=None)[: round(density * scores.size)]] = True
    return kept.reshape(scores.shape)
