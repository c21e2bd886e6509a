"""The count is rounded down.

says: exactly round(density * N) weights
"""

import numpy as np


def keep_top(scores, density):
    kept = np.zeros(scores.size, bool)
    kept[np.argsort(-scores, axis=None, kind="stable")[: int(density * scores.size)]] = True
    return kept.reshape(scores.shape)
