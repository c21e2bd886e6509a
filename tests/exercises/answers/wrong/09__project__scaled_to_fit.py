"""WRONG · set 09 · project: the whole perturbation is scaled down until it fits"""

# %% answer
import numpy as np


def project(delta, x, epsilon):
    high = np.minimum(epsilon, np.where(delta > 0, 1 - x, x))
    return delta * min(1.0, float((high / np.maximum(np.abs(delta), 1e-12)).min()))
