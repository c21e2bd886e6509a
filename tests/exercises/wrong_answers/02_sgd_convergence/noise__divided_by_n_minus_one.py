"""The n examples are taken for a sample from more of them.

says: of four equally likely pairs
"""


def noise(grads, b, replacement):
    n = len(grads)
    sigma2 = ((grads - grads.mean(0)) ** 2).sum() / (n - 1)
    return sigma2 / b if replacement else (n - b) / (n - 1) * sigma2 / b
