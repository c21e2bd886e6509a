"""Without anybody who is done, 0 is divided by 0.

says: nobody is done, so w stays
"""


def average(w, models, n, done):
    return n[done] @ models[done] / n[done].sum()
