"""Negative entries are not bounded.

says: entries beyond epsilon are cut
"""

import numpy as np


def project(delta, x, epsilon):
    return np.minimum(delta, np.minimum(epsilon, 1 - x))
