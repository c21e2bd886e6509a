"""RIGHT · set 07 · partition_by_forgetting: never decreasing and correct at the end"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct[-1] & (np.sort(correct, axis=0) == correct).all(axis=0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.choice(forgotten, size, replace=False), rng.choice(unforgettable, size, replace=False)
