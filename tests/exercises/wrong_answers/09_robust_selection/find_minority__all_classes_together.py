"""One threshold for all classes.

says: the classes are clustered one by one, not together
"""

import numpy as np


def find_minority(outputs, y):
    order = np.argsort(outputs)
    p = outputs[order]
    costs = [s * p[:s].var() + (len(p) - s) * p[s:].var() for s in range(1, len(p))]
    threshold = p[int(np.argmin(costs))]
    minority = []
    for c in np.unique(y):
        low, high = (
            np.flatnonzero((y == c) & (outputs <= threshold)),
            np.flatnonzero((y == c) & (outputs > threshold)),
        )
        minority.extend(min(low, high, key=len))
    return np.sort(minority)
