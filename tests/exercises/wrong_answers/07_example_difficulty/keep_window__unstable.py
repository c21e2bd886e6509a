"""A sort that does not keep equal scores in their order.

says: of equal
"""

import numpy as np


def keep_window(score, skip, size):
    return np.argsort(score)[skip : skip + size]
