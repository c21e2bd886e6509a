"""The sample is drawn from all elements, also from those that are chosen.

says: which is chosen already
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = list(range(n))
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
