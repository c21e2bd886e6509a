"""The list begins with the last power below m.

says: of the powers of 2 only 4 lies between
"""

from math import floor, log

import numpy as np


def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
    return (1 + epsilon) ** np.arange(floor(low), floor(high) + 1, dtype=float)
