"""The gradient is evaluated a second time.

says: was called 2 times; the budget here is 1
"""


def nesterov_step(w, dw, grad, eta, beta):
    new = beta * dw - eta * grad(w + beta * dw)
    return w + beta * dw - eta * grad(w + beta * dw), new
