"""The absolute value is ranked, though a score may be negative.

says: exactly round(density * N) weights
"""

import numpy as np


def keep_top(scores, density):
    kept = np.zeros(scores.size, bool)
    kept[np.argsort(-abs(scores), axis=None, kind="stable")[: round(density * scores.size)]] = True
    return kept.reshape(scores.shape)
