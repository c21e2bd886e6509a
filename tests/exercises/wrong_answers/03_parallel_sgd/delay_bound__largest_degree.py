"""The largest degree stands where the average belongs.

says: the middle example conflicts with both others
"""

import numpy as np


def delay_bound(x):
    e = (x != 0).astype(float)
    meets = e @ e.T > 0
    np.fill_diagonal(meets, False)
    largest = meets.sum(axis=1).max()
    return len(x) / (2 * largest) if largest else np.inf
