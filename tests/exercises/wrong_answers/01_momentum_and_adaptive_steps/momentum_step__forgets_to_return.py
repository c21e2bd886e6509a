"""Everything is computed and nothing returned.

says: is a return missing?
"""


def momentum_step(w, dw, g, eta, beta):
    dw = beta * dw - eta * g
    w + dw, dw
