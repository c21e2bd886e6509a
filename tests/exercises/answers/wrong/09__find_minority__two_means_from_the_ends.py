"""WRONG · set 09 · find_minority: k-means from the smallest and the largest output, which may stop too early"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        p = outputs[members]
        low, high = p.min(), p.max()
        for _ in range(100):
            upper = np.abs(p - high) < np.abs(p - low)
            low, high = p[~upper].mean(), p[upper].mean()
        found.extend(members[upper if 2 * upper.sum() < len(p) else ~upper])
    return np.sort(found)
