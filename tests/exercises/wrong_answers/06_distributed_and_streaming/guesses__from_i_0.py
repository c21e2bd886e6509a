"""i starts at 0, whatever m is.

says: only 4 lies between
"""

from math import floor, log

import numpy as np


def guesses(m, k, epsilon):
    high = log(2 * k * m) / log(1 + epsilon)
    return (1 + epsilon) ** np.arange(0, floor(high) + 1, dtype=float)
