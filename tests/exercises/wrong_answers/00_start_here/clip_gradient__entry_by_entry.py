"""Each entry is clipped on its own.

says: clipping keeps the direction
"""

import numpy as np


def clip_gradient(g, limit):
    return np.clip(g, -limit, limit)
