"""Opposite minimisers, but all curvatures are the same.

says: which is 0.000 from the optimum
"""

import numpy as np


def wrong_end():
    return np.array([0.5, 0.5]), np.array([1.0, -1.0])
