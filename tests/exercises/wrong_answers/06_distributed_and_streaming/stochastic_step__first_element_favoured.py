"""The first element that is left is 1.6 times as likely to be drawn as any other.

says: all samples equally likely
"""

from math import ceil, log

import numpy as np


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    p = np.ones(len(rest))
    p[0] = 1.6
    sample = rng.choice(rest, size, replace=False, p=p / p.sum()).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
