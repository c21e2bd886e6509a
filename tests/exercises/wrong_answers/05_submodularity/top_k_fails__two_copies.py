"""One large set twice, and k = 2: greedy's second set is smaller than its first one.

says: at most half: top-k covers 4 items, and greedy 7
"""

import numpy as np


def top_k_fails():
    membership = np.zeros((3, 7), dtype=int)
    membership[:2, :4] = membership[2, 4:] = 1
    return membership, 2
