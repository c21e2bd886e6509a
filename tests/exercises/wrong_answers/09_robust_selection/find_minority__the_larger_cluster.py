"""The majority instead of the minority.

says: 0.9 is alone
"""

import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        costs = [s * p[:s].var() + (len(p) - s) * p[s:].var() for s in range(1, len(p))]
        split = 1 + int(np.argmin(costs))
        found.extend(members[split:] if split < len(p) - split else members[:split])
    return np.sort(found)
