"""The velocity starts at 0.

says: the gradient is 0 and v is not
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    w, v = mask * w, 0 * v
    for _ in range(steps):
        v = beta * v + grad(w) + decay * w
        w = mask * (w - eta * v)
    return w
