"""Velocity and gradient are masked, and weight decay is left to bring pruned weights to 0.

says: a pruned weight is 0 from the beginning
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    for _ in range(steps):
        v = mask * (beta * v + grad(w))
        w = w - eta * (v + decay * w)
    return w
