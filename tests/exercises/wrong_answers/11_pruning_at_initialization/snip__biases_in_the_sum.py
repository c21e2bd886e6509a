"""Biases get no score, but are part of the sum.

says: no part in the sum
"""


def snip(parameters, gradients):
    total = sum(abs(w * g).sum() for w, g in zip(parameters, gradients, strict=True))
    return [abs(w * g) / total for w, g in zip(parameters, gradients, strict=True) if w.ndim > 1]
