"""The step grows like the root of the batch.

says: jumps from one side
"""

import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * (batch / base) ** 0.5 * h)
    if factor >= 1:
        return np.inf
    return int(np.ceil(np.log(target) / np.log(factor) * batch / n)) if factor else 1
