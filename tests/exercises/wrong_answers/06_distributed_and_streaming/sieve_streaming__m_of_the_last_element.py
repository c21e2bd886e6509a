"""m is the value of the last element, not the largest so far.

says: the guesses at the end are those
"""

from math import ceil, floor, log

import numpy as np


def sieve_streaming(gain, stream, k, epsilon):
    m, sieves = 0, {}
    for e in iter(stream, None):
        m = gain([], e)
        if m == 0:
            continue
        low, high = (log(end) / log(1 + epsilon) for end in (m, 2 * k * m))
        sieves = {i: sieves.get(i, ([], 0)) for i in range(ceil(low), floor(high) + 1)}
        for i, (chosen, value) in sieves.items():
            if len(chosen) < k:
                brings = gain(chosen, e)
                if brings >= ((1 + epsilon) ** i / 2 - value) / (k - len(chosen)):
                    sieves[i] = [*chosen, e], value + brings
    best, _ = max(sieves.values(), key=lambda sieve: sieve[1], default=([], 0))
    return best, (1 + epsilon) ** np.array(sorted(sieves), dtype=float)
