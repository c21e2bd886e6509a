"""Only rotations of the order, forwards or backwards.

says: were in one batch
"""

import numpy as np


def epoch_batches(n, batch, rng):
    order = np.roll(np.arange(n), int(rng.integers(n)))
    if rng.integers(2):
        order = order[::-1]
    return [order[s : s + batch] for s in range(0, n, batch)]
