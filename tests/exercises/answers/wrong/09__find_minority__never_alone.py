"""WRONG · set 09 · find_minority: a cluster needs at least two examples"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        splits = range(2, len(p) - 1) if len(p) > 4 else range(1, len(p))
        s = min(splits, key=lambda s: s * p[:s].var() + (len(p) - s) * p[s:].var())
        found.extend(members[:s] if 2 * s < len(p) else members[s:])
    return np.sort(found)
