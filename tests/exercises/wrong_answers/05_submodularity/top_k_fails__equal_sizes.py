"""All sets are equally large, so that top-k may take greedy's.

says: at most half: top-k covers 9 items, and greedy 9
"""

import numpy as np


def top_k_fails():
    return np.vstack([np.eye(9, dtype=int).reshape(3, 3, 9).sum(axis=1)[[0, 0, 0, 1, 2]]]), 3
