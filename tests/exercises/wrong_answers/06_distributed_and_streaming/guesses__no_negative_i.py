"""i is 0 or more, so that guesses below 1 are missing.

says: also where i is negative
"""

from math import ceil, floor, log

import numpy as np


def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
    return (1 + epsilon) ** np.arange(max(0, ceil(low)), floor(high) + 1, dtype=float)
