"""The gradient is weighted by 1 − β, as in Adam.

says: expected ([0.], [-1.])
"""


def momentum_step(w, dw, g, eta, beta):
    dw = beta * dw - (1 - beta) * eta * g
    return w + dw, dw
