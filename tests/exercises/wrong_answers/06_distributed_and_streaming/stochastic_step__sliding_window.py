"""Neighbours in a circle from a random start: each element is as likely, but most samples never come.

says: not only all elements
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    start = int(rng.integers(len(rest)))
    sample = [rest[(start + i) % len(rest)] for i in range(size)]
    return max(sample, key=lambda e: gain(chosen, e))
