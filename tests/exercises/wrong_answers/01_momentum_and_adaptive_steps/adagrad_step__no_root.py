"""The root is forgotten.

says: each weight has a step of its own
"""


def adagrad_step(w, r, g, eta, delta):
    r = r + g**2
    return w - eta / (delta + r) * g, r
