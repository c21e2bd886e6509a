"""F({e}) in place of what e adds to S.

says: what reaches the threshold, and nothing else
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if len(chosen) == k or e in chosen:
            continue
        brings = gain([], e)
        if brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
