"""`density` is taken for the share that goes.

says: the two largest stay
"""

import numpy as np


def keep_top(scores, density):
    kept = np.zeros(scores.size, bool)
    kept[np.argsort(-scores, axis=None, kind="stable")[: round((1 - density) * scores.size)]] = True
    return kept.reshape(scores.shape)
