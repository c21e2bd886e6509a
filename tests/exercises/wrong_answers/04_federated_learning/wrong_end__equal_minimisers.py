"""Different curvatures, but all want the same.

says: which is 0.000 from the optimum
"""

import numpy as np


def wrong_end():
    return np.array([1.0, 0.1]), np.array([1.0, 1.0])
