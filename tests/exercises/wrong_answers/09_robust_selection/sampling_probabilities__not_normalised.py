"""Weights that do not sum to 1.

says: both groups have the same total
"""

import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return 1.0 / sizes[place].astype(float) ** power
