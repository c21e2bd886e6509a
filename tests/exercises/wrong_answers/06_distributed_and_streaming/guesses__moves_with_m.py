"""m·(1 + ε)ʲ: every guess changes when m grows.

says: only 4 lies between
"""

from math import floor, log

import numpy as np


def guesses(m, k, epsilon):
    return m * (1 + epsilon) ** np.arange(floor(log(2 * k) / log(1 + epsilon)) + 1, dtype=float)
