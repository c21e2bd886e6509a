import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * batch / base * h)
    if factor >= 1:
        return np.inf
    return int(np.log(target) / np.log(factor) * batch / n) + 1 if factor else 2
