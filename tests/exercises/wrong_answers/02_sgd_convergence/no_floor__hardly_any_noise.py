"""The examples are nearly the same, so they agree everywhere.

says: the examples agree too well there
"""

import numpy as np


def no_floor():
    x = np.array([[1.0, 0.1], [1.0, -0.1], [1.0, 0.2], [1.0, -0.2]])
    return x, x @ np.array([1.0, 0.0])
