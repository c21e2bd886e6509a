"""The largest gain first, and then a search for who has it: twice the calls.

says: the budget here is
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        rest = [e for e in range(n) if e not in chosen]
        most = max(gain(chosen, e) for e in rest)
        chosen.append(next(e for e in rest if gain(chosen, e) == most))
    return chosen
