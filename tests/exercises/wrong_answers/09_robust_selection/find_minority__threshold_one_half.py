"""A fixed threshold.

says: the threshold is where the clusters are
"""

import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        low, high = np.flatnonzero((y == c) & (outputs <= 0.5)), np.flatnonzero((y == c) & (outputs > 0.5))
        found.extend(min(low, high, key=len))
    return np.sort(found)
