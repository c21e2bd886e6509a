"""The squares of the gradients, not of their distances from the mean.

says: of four equally likely pairs
"""


def noise(grads, b, replacement):
    n = len(grads)
    size = (grads**2).sum(1).mean()
    return size / b if replacement else (n - b) / (n - 1) * size / b
