"""Gradient ascent instead of exponentiated gradient.

says: the second weight doubles
"""

import numpy as np


def group_dro_step(q, losses, eta):
    moved = np.maximum(q + eta * (losses - losses.mean()), 0)
    return moved / moved.sum()
