"""The opposite direction counts as a match.

says: the opposite direction, so the loss is largest
"""

import numpy as np


def matching_loss(gradients, target):
    total = gradients.sum(axis=0)
    return 1 - abs(total @ target) / (np.linalg.norm(total) * np.linalg.norm(target))
