"""RIGHT · set 07 · partition_by_forgetting: the smallest random keys"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    keys = rng.random(correct.shape[1])
    return [group[np.argsort(keys[group])[:size]] for group in (forgotten, unforgettable)]
