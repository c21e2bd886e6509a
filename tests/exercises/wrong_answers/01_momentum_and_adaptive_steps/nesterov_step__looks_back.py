"""The look-ahead has the wrong sign.

says: the gradient is read at the look-ahead point
"""


def nesterov_step(w, dw, grad, eta, beta):
    dw = beta * dw - eta * grad(w - beta * dw)
    return w + dw, dw
