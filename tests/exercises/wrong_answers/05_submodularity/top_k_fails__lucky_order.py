"""Greedy reaches twice as much only if ties go its way.

says: in any order: with the rows in another order
"""

import numpy as np


def top_k_fails():
    membership = np.zeros((6, 8), dtype=int)
    membership[:3, :4] = membership[3, 4:6] = membership[4, 6:] = membership[5, 5:7] = 1
    return membership, 3
