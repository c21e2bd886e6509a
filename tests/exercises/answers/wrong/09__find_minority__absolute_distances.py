"""WRONG · set 09 · find_minority: absolute distances to the medians instead of squares"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        cost = [
            np.abs(p[:s] - np.median(p[:s])).sum() + np.abs(p[s:] - np.median(p[s:])).sum()
            for s in range(1, len(p))
        ]
        s = 1 + int(np.argmin(cost))
        found.extend(members[:s] if 2 * s < len(p) else members[s:])
    return np.sort(found)
