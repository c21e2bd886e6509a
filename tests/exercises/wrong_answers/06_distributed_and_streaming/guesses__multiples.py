"""Multiples of ε in place of powers of 1 + ε.

says: powers of 2 from 1
"""

import numpy as np


def guesses(m, k, epsilon):
    return np.arange(m, 2 * k * m + epsilon / 2, epsilon)
