"""A client that hardly curves at all.

says: from 0.1 to 1
"""

import numpy as np


def wrong_end():
    return np.array([1.0, 0.01]), np.array([1.0, -1.0])
