"""The last place is guarded by `or`: beyond k it goes on.

says: at most k =
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    for e in iter(stream, None):
        if e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / max(k - len(chosen), 1):
            chosen.append(e)
            value += brings
    return chosen
