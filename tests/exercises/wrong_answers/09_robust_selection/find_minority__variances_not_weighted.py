"""The sum of the two variances, whatever the sizes of the clusters.

says: so the large cluster counts more
"""

import numpy as np


def find_minority(outputs, y):
    found = []
    for c in np.unique(y):
        members = np.flatnonzero(y == c)
        members = members[np.argsort(outputs[members])]
        p = outputs[members]
        costs = [p[:s].var() + p[s:].var() for s in range(1, len(p))]
        split = 1 + int(np.argmin(costs))
        found.extend(min(members[:split], members[split:], key=len))
    return np.sort(found)
