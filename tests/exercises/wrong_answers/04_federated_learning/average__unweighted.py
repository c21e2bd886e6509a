"""Every client counts alike, however few examples it has.

says: a client with three examples returns 2 and one with a single example returns 6
"""


def average(w, models, n, done):
    if not done.any():
        return w.copy()
    return models[done].mean(axis=0)
