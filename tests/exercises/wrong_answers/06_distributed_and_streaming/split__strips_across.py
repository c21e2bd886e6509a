"""Parallel strips: the middle one has points of five or six clouds when a cloud lies on each axis.

says: at most 60 % are allowed
"""

import numpy as np


def split(x, m):
    machine = np.empty(len(x), dtype=int)
    machine[np.argsort(x[:, 1])] = np.arange(len(x)) * m // len(x)
    return machine
