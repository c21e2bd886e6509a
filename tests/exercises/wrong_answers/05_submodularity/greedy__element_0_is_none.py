"""`if not best` takes element 0 for no element at all, and goes on looking.

says: after element 0
"""


def greedy(gain, n, k):
    chosen = []
    for _ in range(k):
        best, most = None, -1
        for e in range(n):
            if e not in chosen:
                g = gain(chosen, e)
                if not best or g > most:
                    best, most = e, g
        chosen.append(best)
    return chosen
