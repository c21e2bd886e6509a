"""The power is ignored unless it is 0.

says: divided by 4/3
"""

import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1.0 / sizes[place] if power else np.ones(len(groups))
    return weights / weights.sum()
