"""The leader's bound is brought up to date, and then it wins whatever it is.

says: a bound must be brought up to date
"""


def lazy_greedy(gain, n, k):
    chosen, bounds = [], {e: gain([], e) for e in range(n)}
    while len(chosen) < k:
        e = max(bounds, key=bounds.get)
        bounds[e] = gain(chosen, e)
        chosen.append(e)
        del bounds[e]
    return chosen
