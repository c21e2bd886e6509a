"""The weight itself is forgotten.

says: divided by their sum
"""


def snip(parameters, gradients):
    scores = [abs(g) for w, g in zip(parameters, gradients, strict=True) if w.ndim > 1]
    total = sum(s.sum() for s in scores)
    return [s / total for s in scores]
