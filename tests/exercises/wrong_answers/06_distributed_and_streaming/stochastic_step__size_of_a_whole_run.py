"""n·ln(1/ε) elements: that is what all k steps ask for together.

says: the sample has 3 different elements
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
