"""WRONG · set 09 · find_minority: the middle of the range is the threshold"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        p = outputs[members]
        upper = p > (p.min() + p.max()) / 2
        found.extend(members[upper if 2 * upper.sum() < len(p) else ~upper])
    return np.sort(found)
