"""The first elements that are left, in place of random ones.

says: all samples equally likely
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    sample = rest[:size]
    return max(sample, key=lambda e: gain(chosen, e))
