"""WRONG · set 09 · matching_loss: the loss of the poison that matches best"""

# %% answer
import numpy as np


def matching_loss(gradients, target):
    cosines = gradients @ target / (np.linalg.norm(gradients, axis=1) * np.linalg.norm(target))
    total = gradients.sum(axis=0)
    return 1 - max(cosines.max(), total @ target / (np.linalg.norm(total) * np.linalg.norm(target)))
