"""WRONG · set 09 · find_minority: only splits that leave the smaller cluster at most a third of the class"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        splits = [s for s in range(1, len(p)) if min(s, len(p) - s) <= max(1, len(p) // 3)]
        s = min(splits, key=lambda s: s * p[:s].var() + (len(p) - s) * p[s:].var())
        found.extend(members[:s] if 2 * s < len(p) else members[s:])
    return np.sort(found)
