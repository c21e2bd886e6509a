"""The start is the minimum.

says: with y = 0 the start w = 0 is the minimum already
"""

import numpy as np


def no_floor():
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    return x, np.zeros(4)
