"""The number of positions is the square of the height.

says: one multiplication for each weight at each position
"""

import numpy as np


def efficiency(masks, outputs):
    uses = np.array([shape[1] ** 2 if len(shape) == 3 else 1 for shape in outputs])
    total = np.array([m.size for m in masks])
    left = np.array([np.count_nonzero(m) for m in masks])
    return total.sum() / left.sum(), (uses @ total) / (uses @ left)
