import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    step = eta * batch / base
    if not 0 < step * h < 2:
        return np.inf
    with np.errstate(divide="ignore"):
        steps = np.ceil(np.log(target) / np.log(abs(1 - step * h)))
    return -(-max(steps, 1) // (n // batch))
