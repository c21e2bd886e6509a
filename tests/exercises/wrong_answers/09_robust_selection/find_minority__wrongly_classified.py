"""Examples whose output disagrees with the label: right only if the majority is classified correctly.

says: the threshold is where the clusters are
"""

import numpy as np


def find_minority(outputs, y):
    return np.flatnonzero((outputs > 0.5) != (y == 1))
