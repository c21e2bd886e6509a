"""A step beyond the minimum is taken for divergence.

says: the number of epochs is that of a run that counts its steps
"""

import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = 1 - eta * batch / base * h
    if factor < 0:
        return np.inf
    return int(np.ceil(np.log(target) / np.log(factor) * batch / n)) if factor else 1
