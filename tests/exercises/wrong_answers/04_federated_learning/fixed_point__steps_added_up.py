"""T steps are taken to go T times as far as one.

says: 400 rounds of FedAvg converge to it
"""


def fixed_point(h, c, n, eta, T):
    a = n * (T * eta * h)
    return float(a @ c / a.sum())
