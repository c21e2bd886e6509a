import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = np.abs(1 - eta * h * batch / base)
    steps = 1 if factor == 0 else np.log(target) / np.log(factor) if factor < 1 else np.inf
    return np.ceil(steps * batch / n)
