"""The size is rounded down.

says: the sample has 3 different elements
"""

from math import log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(int(n / k * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
