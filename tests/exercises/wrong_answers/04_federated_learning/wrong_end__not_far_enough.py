"""The curvatures differ too little.

says: from the optimum
"""

import numpy as np


def wrong_end():
    return np.array([1.0, 0.3]), np.array([1.0, -1.0])
