"""WRONG · set 06 · guesses: the largest first"""
from math import ceil, floor, log

import numpy as np

def guesses(m, k, epsilon):
    low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
    return (1 + epsilon) ** np.arange(floor(high), ceil(low) - 1, -1.0)
