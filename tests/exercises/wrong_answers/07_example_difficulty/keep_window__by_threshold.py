"""All that reach the first kept score, however many are equal.

says: positions are counted
"""

import numpy as np


def keep_window(score, skip, size):
    order = np.sort(score)
    kept = (score >= order[skip]) & (score <= order[skip + size - 1])
    indices = np.flatnonzero(kept)
    return indices[np.argsort(score[indices], kind="stable")]
