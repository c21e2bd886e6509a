"""An empty example, too, is taken to meet itself.

says: a row of zeros counts in n and conflicts with no other
"""

import numpy as np


def delay_bound(x):
    e = (x != 0).astype(float)
    degree = (e @ e.T > 0).sum(axis=1) - 1
    return len(x) / (2 * degree.mean()) if degree.any() else np.inf
