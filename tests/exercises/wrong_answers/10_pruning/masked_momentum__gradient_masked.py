"""Only the gradient is masked: the velocity goes on moving pruned weights.

says: the gradient is 0 and v is not
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    w = mask * w
    for _ in range(steps):
        v = beta * v + mask * (grad(w) + decay * w)
        w = w - eta * v
    return w
