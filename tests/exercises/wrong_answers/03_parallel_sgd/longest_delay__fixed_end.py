"""Delays are tried up to ten only.

says: with one more step of delay
"""

import numpy as np


def longest_delay(step):
    return max(tau for tau in range(10) if step < 2 * np.sin(np.pi / (2 * (2 * tau + 1))))
