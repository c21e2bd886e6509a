"""A random stretch of each group: every example is equally likely, but not every set.

says: all sets of a group are equally likely
"""

import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    places = rng.integers(1000) + np.arange(size)
    return forgotten[places % len(forgotten)], unforgettable[places % len(unforgettable)]
