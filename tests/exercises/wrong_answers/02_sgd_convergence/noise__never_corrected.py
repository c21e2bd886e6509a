"""A subset is taken for independent draws.

says: a subset of all examples is no sample
"""


def noise(grads, b, replacement):
    sigma2 = ((grads - grads.mean(0)) ** 2).sum(1).mean()
    return sigma2 / b
