"""All clients count alike.

says: only the sizes weigh
"""


def fixed_point(h, c, n, eta, T):
    a = 1 - (1 - eta * h) ** T
    return float(a @ c / a.sum())
