"""The gains for the empty set are taken for stale, so the first round is asked again.

says: one question a round is enough
"""


def lazy_greedy(gain, n, k):
    chosen, bounds = [], {e: gain([], e) for e in range(n)}
    while len(chosen) < k:
        fresh = set()
        while (e := max(sorted(bounds), key=bounds.get)) not in fresh:
            bounds[e] = gain(chosen, e)
            fresh.add(e)
        bounds = {o: gain(chosen, o) if not chosen else bound for o, bound in bounds.items()}
        chosen.append(e)
        del bounds[e]
    return chosen
