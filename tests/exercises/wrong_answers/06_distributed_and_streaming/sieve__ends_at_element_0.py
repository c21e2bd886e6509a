"""`while e := stream()` takes element 0 for the end.

says: element 1 brings 3, but
"""


def sieve(gain, stream, k, v):
    chosen, value = [], 0
    while e := stream():
        if len(chosen) == k or e in chosen:
            continue
        brings = gain(chosen, e)
        if brings >= (v / 2 - value) / (k - len(chosen)):
            chosen.append(e)
            value += brings
    return chosen
