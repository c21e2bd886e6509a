"""Weights (1 − ηh)^T: what is left of the way, not what was walked.

says: with one step it is the optimum
"""


def fixed_point(h, c, n, eta, T):
    a = n * (1 - eta * h) ** T
    return float(a @ c / a.sum())
