"""The threshold is the k-th largest score, and it goes too.

says: the two largest stay
"""

import numpy as np


def keep_top(scores, density):
    k = round(density * scores.size)
    return scores > np.sort(scores, axis=None)[::-1][max(k - 1, 0)]
