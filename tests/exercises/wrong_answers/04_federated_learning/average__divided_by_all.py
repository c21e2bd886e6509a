"""The sizes of the stragglers stay in the denominator, so that w shrinks.

says: only the first client is done
"""


def average(w, models, n, done):
    if not done.any():
        return w.copy()
    return n[done] @ models[done] / n.sum()
