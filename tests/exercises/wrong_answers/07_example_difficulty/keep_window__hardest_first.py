"""The ranking is reversed.

says: the two smallest scores
"""

import numpy as np


def keep_window(score, skip, size):
    return np.argsort(-score, kind="stable")[skip : skip + size]
