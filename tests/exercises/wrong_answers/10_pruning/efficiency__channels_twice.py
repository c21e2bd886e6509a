"""Each weight is used at every number of the output, of all channels.

says: one multiplication for each weight at each position
"""

import numpy as np


def efficiency(masks, outputs):
    uses = np.array([np.prod(shape) if len(shape) == 3 else 1 for shape in outputs])
    total = np.array([m.size for m in masks])
    left = np.array([np.count_nonzero(m) for m in masks])
    return total.sum() / left.sum(), (uses @ total) / (uses @ left)
