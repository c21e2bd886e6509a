"""What was never learned was never forgotten either.

says: does not belong to unforgettable
"""

import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = events == 0
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.choice(forgotten, size, replace=False), rng.choice(unforgettable, size, replace=False)
