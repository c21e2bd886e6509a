"""No two examples share a coordinate, so nothing can be lost.

says: 0.0 % of the additions are lost
"""

import numpy as np


def losing_data():
    return np.eye(16)
