"""Only the smallest group is drawn.

says: both groups have the same total
"""

import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    mine = sizes[place]
    small = (mine == mine.min()) * 1.0
    return small / small.sum()
