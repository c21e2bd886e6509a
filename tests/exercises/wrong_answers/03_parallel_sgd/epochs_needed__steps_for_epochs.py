"""Steps are returned, not epochs.

says: each step halves w
"""

import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * batch / base * h)
    if factor >= 1:
        return np.inf
    return int(np.ceil(np.log(target) / np.log(factor))) if factor else 1
