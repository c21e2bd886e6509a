"""No two sets overlap: then the largest are the best.

says: at most half: top-k covers 3 items, and greedy 3
"""

import numpy as np


def top_k_fails():
    return np.eye(6, dtype=int), 3
