"""The nearest exemplar of any class.

says: the nearest of its own class is
"""

import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    d = np.linalg.norm(gradients[:, None] - gradients[chosen][None], axis=2)
    error = np.linalg.norm(gradients.sum(axis=0) - weights @ gradients[chosen])
    return error, d.min(axis=1).sum()
