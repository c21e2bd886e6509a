"""The width of the cloud falls like 1/√b, its square like 1/b.

says: of four equally likely pairs
"""


def noise(grads, b, replacement):
    n = len(grads)
    sigma2 = ((grads - grads.mean(0)) ** 2).sum(1).mean()
    return sigma2 / b**0.5 if replacement else (n - b) / (n - 1) * sigma2 / b**0.5
