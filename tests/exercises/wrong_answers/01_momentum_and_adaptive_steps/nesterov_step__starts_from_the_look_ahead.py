"""The step starts at the look-ahead point, so βΔW counts twice.

says: and the step starts at w = 1
"""


def nesterov_step(w, dw, grad, eta, beta):
    ahead = w + beta * dw
    dw = beta * dw - eta * grad(ahead)
    return ahead + dw, dw
