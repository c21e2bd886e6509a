"""The whole stream is stored first, and the elements are asked about later.

says: the others are gone
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in list(iter(stream, None)):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
