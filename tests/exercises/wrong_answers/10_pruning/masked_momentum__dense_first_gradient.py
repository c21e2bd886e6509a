"""The mask comes after each step, but the first gradient sees the dense weights.

says: as if the pruned weights were not there
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    for _ in range(steps):
        v = beta * v + grad(w) + decay * w
        w = mask * (w - eta * v)
    return mask * w
