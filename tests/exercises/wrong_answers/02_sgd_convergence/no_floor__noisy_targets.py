"""No w fits these targets: the examples still disagree at w*.

says: at w* one residual is still
"""

import numpy as np


def no_floor():
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    return x, np.array([1.0, -2.0, 0.5, 2.0])
