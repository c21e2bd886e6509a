"""WRONG · set 09 · project: the lower bound is forgotten for epsilon"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    return np.clip(np.minimum(delta, epsilon), -x, 1 - x)
