"""The new dw is not returned.

says: 2 values, separated by commas, belong here
"""


def momentum_step(w, dw, g, eta, beta):
    return w + beta * dw - eta * g
