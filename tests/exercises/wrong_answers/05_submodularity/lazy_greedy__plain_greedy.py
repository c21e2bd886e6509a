"""All gains are asked for in every round: the right choice, far too many calls.

says: the budget here is
"""


def lazy_greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in range(n) if e not in chosen]
        chosen.append(max(rest, key=lambda e: gain(chosen, e)))
    return chosen
