"""Kept over all: the inverse of both.

says: half of a linear layer
"""

import numpy as np


def efficiency(masks, outputs):
    uses = np.array([np.prod(shape[1:]) for shape in outputs])
    total = np.array([m.size for m in masks])
    left = np.array([np.count_nonzero(m) for m in masks])
    return left.sum() / total.sum(), (uses @ left) / (uses @ total)
