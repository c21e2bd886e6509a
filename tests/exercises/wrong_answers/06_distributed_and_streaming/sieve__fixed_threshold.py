"""v/2k for every element, whatever is still missing.

says: after element 2 it is
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= v / (2 * k):
            chosen.append(e)
            value += brings
    return chosen
