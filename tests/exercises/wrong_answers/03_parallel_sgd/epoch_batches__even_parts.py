"""As many batches as needed, but of nearly equal size.

says: made batches of
"""

import numpy as np


def epoch_batches(n, batch, rng):
    return np.array_split(rng.permutation(n), -(-n // batch))
