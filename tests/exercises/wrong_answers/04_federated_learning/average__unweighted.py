"""Every client counts alike, however few examples it has.

says: an example counts alike wherever it is
"""


def average(w, models, n, done):
    if not done.any():
        return w.copy()
    return models[done].mean(axis=0)
