"""The first examples of each group, without a draw.

says: drawn at random
"""

import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return forgotten[:size], unforgettable[:size]
