"""A cosine of each poison, and their mean.

says: although no single gradient does
"""

import numpy as np


def matching_loss(gradients, target):
    lengths = np.linalg.norm(gradients, axis=1) * np.linalg.norm(target)
    return 1 - np.mean(gradients @ target / lengths)
