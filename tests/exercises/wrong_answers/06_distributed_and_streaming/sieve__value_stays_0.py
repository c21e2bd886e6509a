"""F(S) stays 0 in the threshold.

says: after element 2 it is
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
    return chosen
