"""The points are dealt out in turn: every machine has a fair sample.

says: the best machine alone gets
"""

import numpy as np


def split(x, m):
    return np.arange(len(x)) % m
