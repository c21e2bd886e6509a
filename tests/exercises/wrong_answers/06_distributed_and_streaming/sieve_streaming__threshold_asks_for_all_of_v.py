"""The threshold asks for a share of v, not of v/2.

says: the set is worth as much as the best sieve of the slide
"""

from math import ceil, floor, log

import numpy as np


def sieve_streaming(gain, stream, k, epsilon):
    m, sieves, ever = 0, {}, ([], 0)
    for e in iter(stream, None):
        m = max(m, gain([], e))
        if m == 0:
            continue
        low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
        new = ([], 0)
        sieves = {i: sieves.get(i, new) for i in range(ceil(low), floor(high) + 1)}
        for i, (chosen, value) in sieves.items():
            if len(chosen) < k:
                brings = gain(chosen, e)
                if brings >= ((1 + epsilon) ** i - value) / (k - len(chosen)):
                    sieves[i] = [*chosen, e], value + brings
        ever = max([ever, *sieves.values()], key=lambda sieve: sieve[1])
    best, _ = max(sieves.values(), key=lambda sieve: sieve[1], default=([], 0))
    return best, (1 + epsilon) ** np.array(sorted(sieves), dtype=float)
