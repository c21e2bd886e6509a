"""Four times the same example: no noise at all.

says: all rows of x must be different
"""

import numpy as np


def no_floor():
    return np.ones((4, 2)), np.ones(4)
