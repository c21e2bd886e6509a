"""RIGHT · set 09 · matching_loss: inner products and a Gram matrix, without the sum of the gradients"""

# %% answer
import numpy as np


def matching_loss(gradients, target):
    length = np.sqrt((gradients @ gradients.T).sum())
    return float(1 - (gradients @ target).sum() / length / np.sqrt(target @ target))
