"""The sample may be larger than what is left.

says: ValueError
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = ceil(n / k * log(1 / epsilon))
    sample = rng.choice(rest, size, replace=False).tolist()
    return max(sample, key=lambda e: gain(chosen, e))
