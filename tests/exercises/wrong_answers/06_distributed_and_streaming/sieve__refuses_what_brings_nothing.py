"""An element that brings nothing is refused, also when the threshold is below 0.

says: after element 0 nothing is missing to v/2
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings > 0 and brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
