"""RIGHT · set 07 · partition_by_forgetting: a permutation of each group"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    return rng.permutation(forgotten)[:size], rng.permutation(unforgettable)[:size]
