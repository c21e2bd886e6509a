"""RIGHT · set 09 · project: the median of the bounds and the entry"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    low, high = np.maximum(-x, -epsilon), np.minimum(1 - x, epsilon)
    return np.median([low, delta, high], axis=0)
