"""Weight decay is left out.

says: as if the pruned weights were not there
"""


def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    w = mask * w
    for _ in range(steps):
        v = beta * v + grad(w)
        w = mask * (w - eta * v)
    return w
