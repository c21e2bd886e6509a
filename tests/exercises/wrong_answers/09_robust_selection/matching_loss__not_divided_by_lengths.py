"""An inner product is not a cosine.

says: lengths do not matter
"""

import numpy as np


def matching_loss(gradients, target):
    return 1 - gradients.sum(axis=0) @ target
