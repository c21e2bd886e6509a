"""Every layer's scores sum to 1.

says: runs over both layers
"""


def snip(parameters, gradients):
    scores = [abs(w * g) for w, g in zip(parameters, gradients, strict=True) if w.ndim > 1]
    return [s / s.sum() for s in scores]
