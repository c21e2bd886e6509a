"""The list ends at 2m: k is forgotten.

says: with both ends
"""

from math import ceil, floor, log

import numpy as np


def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * m))
    return (1 + epsilon) ** np.arange(ceil(low), floor(high) + 1, dtype=float)
