"""RIGHT · set 07 · partition_by_forgetting: one permutation of all examples, which is filtered"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    order = rng.permutation(correct.shape[1])
    return order[~safe[order]][:size], order[safe[order]][:size]
