"""A random element of the sample, not the best.

says: the largest gain
"""

from math import ceil, log


def stochastic_step(gain, chosen, n, k, epsilon, rng):
    rest = [e for e in range(n) if e not in chosen]
    size = min(ceil(n / k * log(1 / epsilon)), len(rest))
    sample = rng.choice(rest, size, replace=False).tolist()
    gains = [gain(chosen, e) for e in sample]
    return sample[gains.index(min(gains))]
