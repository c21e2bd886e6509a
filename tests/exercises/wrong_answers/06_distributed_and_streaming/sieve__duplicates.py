"""An element that comes by again is kept again.

says: no element twice
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
