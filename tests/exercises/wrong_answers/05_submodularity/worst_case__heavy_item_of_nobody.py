"""An item that no set covers is heavy enough to hide all gains in the rounding.

says: greedy gets
"""

import numpy as np


def worst_case(k):
    share = 1 - (1 - 1 / k) ** k
    membership = np.zeros((k, k + 1), dtype=int)
    membership[np.arange(k), np.arange(k)] = 1
    weights = np.full(k + 1, (1 - share) / (k - 1))
    weights[0], weights[k] = share, 1e12
    return membership, weights
