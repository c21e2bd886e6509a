"""Biases get a score, too.

says: a bias has no score
"""


def snip(parameters, gradients):
    scores = [abs(w * g) for w, g in zip(parameters, gradients, strict=True)]
    total = sum(s.sum() for s in scores)
    return [s / total for s in scores]
