"""Divided by the largest score of the network, so that the best weight has 1.

says: divided by their sum
"""


def snip(parameters, gradients):
    scores = [abs(w * g) for w, g in zip(parameters, gradients, strict=True) if w.ndim > 1]
    largest = max(s.max() for s in scores)
    return [s / largest for s in scores]
