"""The gradient is read at W: that is momentum.

says: the gradient is read at the look-ahead point w + beta*dw = 1.5
"""


def nesterov_step(w, dw, grad, eta, beta):
    dw = beta * dw - eta * grad(w)
    return w + dw, dw
