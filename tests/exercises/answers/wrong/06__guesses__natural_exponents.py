"""WRONG · set 06 · guesses: exponents from the natural logarithm, not to the base 1 + epsilon"""
from math import ceil, floor, log

import numpy as np

def guesses(m, k, epsilon):
    return (1 + epsilon) ** np.arange(ceil(log(m)), floor(log(2 * k * m)) + 1, dtype=float)
