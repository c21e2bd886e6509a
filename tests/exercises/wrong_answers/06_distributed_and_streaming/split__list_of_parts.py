"""A list of parts in place of a machine for every point.

says: must return the machine of every point
"""

import numpy as np


def split(x, m):
    return [part.tolist() for part in np.array_split(np.argsort(np.arctan2(x[:, 1], x[:, 0])), m)]
