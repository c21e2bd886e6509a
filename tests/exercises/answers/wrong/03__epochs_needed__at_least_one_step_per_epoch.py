import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * batch / base * h)
    return np.inf if factor >= 1 else int(np.ceil(np.log(target) / np.log(max(factor, 1e-9))))
