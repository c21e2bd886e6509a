"""Differences are cut off to whole numbers.

says: 1.5² + 0.5² = 2.5
"""

import numpy as np


def squared_distance(a, b):
    return float(np.sum((a - b).astype(int) ** 2))
