"""The unforgettable examples first.

says: does not belong to forgotten
"""

import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.choice(unforgettable, size, replace=False), rng.choice(forgotten, size, replace=False)
