"""WRONG · set 07 · partition_by_forgetting: small indices are more likely"""
import numpy as np


def partition_by_forgetting(correct, size, rng):
    events = (correct[:-1] & ~correct[1:]).sum(axis=0)
    safe = correct.any(axis=0) & (events == 0)
    forgotten, unforgettable = np.flatnonzero(~safe), np.flatnonzero(safe)
    p = 1 / (1 + np.arange(len(forgotten)))
    return rng.choice(forgotten, size, replace=False, p=p / p.sum()), rng.choice(unforgettable, size, replace=False)
