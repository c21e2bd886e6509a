"""Convolutions, whose weights have four axes, are left out.

says: the sum over the whole network
"""


def snip(parameters, gradients):
    scores = [abs(w * g) for w, g in zip(parameters, gradients, strict=True) if w.ndim == 2]
    total = sum(s.sum() for s in scores)
    return [s / total for s in scores]
