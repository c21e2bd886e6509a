"""A leader that falls behind is replaced by the next one, whose bound is as old.

says: greedy chooses
"""


def lazy_greedy(gain, n, k):
    bounds, chosen = {e: gain([], e) for e in range(n)}, []
    while len(chosen) < k:
        first, *others = sorted(bounds, key=lambda e: (-bounds[e], e))
        if chosen:
            bounds[first] = gain(chosen, first)
            if others and bounds[first] < bounds[others[0]]:
                first = others[0]
        chosen.append(first)
        del bounds[first]
    return chosen
