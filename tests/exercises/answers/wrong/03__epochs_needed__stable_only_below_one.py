import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    step = eta * batch / base
    if step >= 1:
        return np.inf
    factor = abs(1 - step * h)
    return int(np.ceil(np.log(target) / np.log(factor) * batch / n)) if factor else 1
