"""What is missing is shared by k places, not by those that are left.

says: the threshold is 3
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / k:
            chosen.append(e)
            value += brings
    return chosen
