"""WRONG · set 07 · partition_by_forgetting: a generator of its own"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    rng = np.random.default_rng(7)
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.choice(forgotten, size, replace=False), rng.choice(unforgettable, size, replace=False)
