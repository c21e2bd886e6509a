"""WRONG · set 09 · find_minority: the cluster with the smaller sum of squares"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        spread = lambda a: len(a) * a.var()
        s = min(range(1, len(p)), key=lambda s: spread(p[:s]) + spread(p[s:]))
        found.extend(members[:s] if spread(p[:s]) < spread(p[s:]) else members[s:])
    return np.sort(found)
