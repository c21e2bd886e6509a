"""The order comes from NumPy's global state, so that no run can be repeated.

says: all randomness must come from rng
"""

import numpy as np


def epoch_batches(n, batch, rng):
    order = np.random.permutation(n)  # noqa: NPY002 - the mistake
    return [order[start : start + batch] for start in range(0, n, batch)]
