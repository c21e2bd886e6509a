"""The threshold asks for v, not for half of it.

says: the threshold is (4/2 - 0)/1 = 2
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
