"""WRONG · set 09 · find_minority: sample variances, with n − 1, weighted by the size"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        spread = lambda a: len(a) * a.var(ddof=1) if len(a) > 1 else 0.0
        s = min(range(1, len(p)), key=lambda s: spread(p[:s]) + spread(p[s:]))
        found.extend(members[:s] if 2 * s < len(p) else members[s:])
    return np.sort(found)
