"""p stands where p − y belongs.

says: only the bias has a gradient
"""

import numpy as np


def last_layer_norms(probabilities, h, y):
    return np.sqrt((probabilities**2).sum(axis=1) * (1 + (h**2).sum(axis=1)))
