"""W moves first and the momentum is updated afterwards.

says: returned ([1.], [-1.]); expected ([0.], [-1.]) (value 1 of 2
"""


def momentum_step(w, dw, g, eta, beta):
    w = w + dw
    return w, beta * dw - eta * g
