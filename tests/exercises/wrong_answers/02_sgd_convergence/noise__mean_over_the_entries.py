"""The entries of a gradient are averaged, where a squared norm adds them up.

says: of four equally likely pairs
"""


def noise(grads, b, replacement):
    n = len(grads)
    sigma2 = grads.var(axis=0).mean()
    return sigma2 / b if replacement else (n - b) / (n - 1) * sigma2 / b
