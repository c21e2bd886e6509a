"""All that reach the k-th largest score: of equal ones every one stays.

says: exactly two stay
"""

import numpy as np


def keep_top(scores, density):
    k = round(density * scores.size)
    return scores >= np.sort(scores, axis=None)[::-1][k - 1] if k else np.zeros(scores.shape, bool)
