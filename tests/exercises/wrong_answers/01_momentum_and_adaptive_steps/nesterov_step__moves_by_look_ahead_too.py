"""The form in which w is the look-ahead point itself.

says: the step starts at w = 1
"""


def nesterov_step(w, dw, grad, eta, beta):
    g = grad(w)
    new = beta * dw - eta * g
    return w + beta * new - eta * g, new
