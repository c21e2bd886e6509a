"""The velocity is a running mean: the gradient is multiplied by 1 - beta.

says: as if the pruned weights were not there
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    w = mask * w
    for _ in range(steps):
        v = beta * v + (1 - beta) * (grad(w) + decay * w)
        w = mask * (w - eta * v)
    return w
