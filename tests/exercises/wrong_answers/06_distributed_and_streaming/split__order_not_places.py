"""`argsort` is taken for the rank of each point.

says: the best machine alone gets
"""

import numpy as np


def split(x, m):
    angle = np.arctan2(x[:, 1], x[:, 0])
    return np.argsort(angle) * m // len(x)
