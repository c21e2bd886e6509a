"""The step size is that of the base, whatever the batch is.

says: jumps from one side
"""

import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * h)
    if factor >= 1:
        return np.inf
    return int(np.ceil(np.log(target) / np.log(factor) * batch / n)) if factor else 1
