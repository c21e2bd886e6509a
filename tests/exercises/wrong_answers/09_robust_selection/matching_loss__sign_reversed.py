"""One plus the cosine: the attack would be turned away from its target.

says: the opposite direction, so the loss is largest
"""

import numpy as np


def matching_loss(gradients, target):
    total = gradients.sum(axis=0)
    return 1 + total @ target / (np.linalg.norm(total) * np.linalg.norm(target))
