"""Pruned weights are frozen where they are.

says: a pruned weight is 0 from the beginning
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    for _ in range(steps):
        v = beta * v + grad(w) + decay * w
        w = w - eta * mask * v
    return w
