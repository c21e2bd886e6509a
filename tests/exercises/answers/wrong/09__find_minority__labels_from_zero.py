"""WRONG · set 09 · find_minority: labels are taken to be 0, 1, 2 and so on"""

# %% answer
import numpy as np


def find_minority(outputs, y):
    found = []
    for c in range(len(set(y.tolist()))):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        if len(p) == 0:
            continue
        cost = [s * p[:s].var() + (len(p) - s) * p[s:].var() for s in range(1, len(p))]
        s = 1 + int(np.argmin(cost))
        found.extend(members[:s] if 2 * s < len(p) else members[s:])
    return np.sort(found)
