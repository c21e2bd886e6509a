"""Shared coordinates are counted, in place of examples that are met.

says: two examples have one conflict
"""

import numpy as np


def delay_bound(x):
    e = (x != 0).astype(float)
    shared = e @ e.T
    np.fill_diagonal(shared, 0)
    average = shared.sum(axis=1).mean()
    return len(x) / (2 * average) if average else np.inf
