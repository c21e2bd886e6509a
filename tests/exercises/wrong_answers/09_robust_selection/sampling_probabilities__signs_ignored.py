"""Groups −2 and 2 are taken for one.

says: 1 divided by the group size to the power
"""

import numpy as np


def sampling_probabilities(groups, power):
    sizes = np.bincount(np.abs(groups))
    weights = 1.0 / sizes[np.abs(groups)].astype(float) ** power
    return weights / weights.sum()
