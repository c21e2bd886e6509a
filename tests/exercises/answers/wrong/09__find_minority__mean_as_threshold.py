"""WRONG · set 09 · find_minority: the mean of the class is the threshold"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        upper = outputs[members] > outputs[members].mean()
        found.extend(members[upper if 2 * upper.sum() < len(upper) else ~upper])
    return np.sort(found)
