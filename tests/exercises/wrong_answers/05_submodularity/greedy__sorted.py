"""The right elements, but not in the order chosen.

says: not [0, 1, 4, 2]
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in range(n) if e not in chosen]
        chosen.append(max(rest, key=lambda e: gain(chosen, e)))
    return sorted(chosen)
