"""Large groups more often.

says: both groups have the same total
"""

import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weights = sizes[place].astype(float) ** power
    return weights / weights.sum()
