"""The gradient is added, so the loss is climbed.

says: from rest, a step goes against the gradient
"""


def momentum_step(w, dw, g, eta, beta):
    dw = beta * dw + eta * g
    return w + dw, dw
