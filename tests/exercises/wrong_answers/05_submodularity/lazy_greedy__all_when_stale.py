"""If the leader is stale, everybody is brought up to date.

says: it asks no more than one element at a time needs
"""


def lazy_greedy(gain, n, k):
    chosen, bounds, fresh = [], {e: gain([], e) for e in range(n)}, True
    while len(chosen) < k:
        e = max(sorted(bounds), key=bounds.get)
        if not fresh:
            now = gain(chosen, e)
            rest = [bounds[o] for o in bounds if o != e]
            if rest and now <= max(rest):
                bounds = {o: gain(chosen, o) for o in bounds}
                e = max(sorted(bounds), key=bounds.get)
        chosen.append(e)
        del bounds[e]
        fresh = False
    return chosen
