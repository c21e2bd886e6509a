"""WRONG · set 09 · matching_loss: scaled to the range from 0 to 1"""

# %% answer
import numpy as np


def matching_loss(gradients, target):
    s = gradients.sum(axis=0)
    return (1 - s @ target / np.linalg.norm(s) / np.linalg.norm(target)) / 2
