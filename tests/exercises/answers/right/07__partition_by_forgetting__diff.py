"""RIGHT · set 07 · partition_by_forgetting: np.diff of ints, and a stacked array"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (np.diff(correct.astype(int), axis=0) == -1).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return np.array([rng.choice(g, size, replace=False) for g in (forgotten, unforgettable)])
