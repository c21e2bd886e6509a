"""One bias for each output is counted, and never pruned.

says: half of a linear layer
"""

import numpy as np


def efficiency(masks, outputs):
    biases = np.array([shape[0] for shape in outputs])
    uses = np.array([np.prod(shape[1:]) for shape in outputs])
    total = np.array([m.size for m in masks]) + biases
    left = np.array([np.count_nonzero(m) for m in masks]) + biases
    return total.sum() / left.sum(), (uses @ total) / (uses @ left)
