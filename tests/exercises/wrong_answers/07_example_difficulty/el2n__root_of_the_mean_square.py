"""The root of the mean square over the runs, not the mean of the norms.

says: the mean over runs of
"""

import numpy as np


def el2n(probabilities, y):
    errors = probabilities - np.eye(probabilities.shape[-1])[y]
    return np.sqrt((errors**2).sum(axis=-1).mean(axis=0))
