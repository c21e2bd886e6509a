"""RIGHT · set 07 · partition_by_forgetting: through events with inf"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = np.where(correct.any(axis=0), (correct[:-1] & ~correct[1:]).sum(axis=0), np.inf)
    safe = events == 0
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.choice(forgotten, size, replace=False), rng.choice(unforgettable, size, replace=False)
