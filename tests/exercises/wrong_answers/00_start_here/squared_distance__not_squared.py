"""Distances along the axes are added.

says: 3² + 4² = 25
"""

import numpy as np


def squared_distance(a, b):
    return np.abs(a - b).sum()
