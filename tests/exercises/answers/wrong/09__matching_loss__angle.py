"""WRONG · set 09 · matching_loss: the angle in units of a right angle"""

# %% answer
import numpy as np


def matching_loss(gradients, target):
    s = gradients.sum(axis=0)
    return np.arccos(np.clip(s @ target / np.linalg.norm(s) / np.linalg.norm(target), -1, 1)) / (np.pi / 2)
