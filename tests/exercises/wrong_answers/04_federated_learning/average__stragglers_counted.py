"""Stragglers are averaged like all others.

says: only the first client is done
"""


def average(w, models, n, done):
    if not done.any():
        return w.copy()
    return n @ models / n.sum()
