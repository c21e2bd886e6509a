"""It stops when nothing brings anything any more.

says: expected k = 2
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in range(n) if e not in chosen]
        most, best = max((gain(chosen, e), -e) for e in rest)
        if most <= 0:
            break
        chosen.append(-best)
    return chosen
