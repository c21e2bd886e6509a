"""WRONG · set 09 · project: entries that leave the range of pixels become 0"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    d = np.clip(delta, -epsilon, epsilon)
    return np.where((x + d < 0) | (x + d > 1), 0.0, d)
