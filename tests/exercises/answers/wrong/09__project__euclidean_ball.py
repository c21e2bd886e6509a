"""WRONG · set 09 · project: a ball of radius epsilon in the Euclidean norm, and the range of pixels"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    d = delta * min(1.0, epsilon / np.linalg.norm(delta))
    return np.clip(x + d, 0, 1) - x
