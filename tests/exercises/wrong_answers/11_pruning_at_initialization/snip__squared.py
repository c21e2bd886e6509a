"""The squares of θg, not its absolute value.

says: divided by their sum
"""


def snip(parameters, gradients):
    scores = [(w * g) ** 2 for w, g in zip(parameters, gradients, strict=True) if w.ndim > 1]
    total = sum(s.sum() for s in scores)
    return [s / total for s in scores]
