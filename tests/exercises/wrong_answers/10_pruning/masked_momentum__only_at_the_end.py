"""Dense steps, and the mask comes last.

says: as if the pruned weights were not there
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    for _ in range(steps):
        v = beta * v + grad(w) + decay * w
        w = w - eta * v
    return mask * w
