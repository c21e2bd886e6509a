"""The rows are multiples of one: only one direction of w is learned.

says: do not find both weights
"""

import numpy as np


def no_floor():
    x = np.outer([1.0, 2.0, 3.0, 4.0], [1.0, 2.0])
    return x, x @ np.array([1.0, -2.0])
