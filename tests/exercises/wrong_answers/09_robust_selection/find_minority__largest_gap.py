"""The split at the largest gap.

says: a split at the largest gap has 0.049
"""

import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        split = 1 + int(np.argmax(np.diff(outputs[members])))
        found.extend(min(members[:split], members[split:], key=len))
    return np.sort(found)
