"""All clients count alike.

says: the weights are the sizes n_k alone
"""


def fixed_point(h, c, n, eta, T):
    a = 1 - (1 - eta * h) ** T
    return float(a @ c / a.sum())
