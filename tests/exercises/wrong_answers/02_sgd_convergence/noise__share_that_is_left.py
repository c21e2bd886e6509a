"""The factor is the share of examples not drawn: right at b = n, and nowhere else.

says: without replacement, as counted over all subsets
"""


def noise(grads, b, replacement):
    n = len(grads)
    sigma2 = ((grads - grads.mean(0)) ** 2).sum(1).mean()
    return sigma2 / b if replacement else (n - b) / n * sigma2 / b
