"""Batches are shuffled, and each in itself, but not across.

says: all orders equally likely
"""

import numpy as np


def epoch_batches(n, batch, rng):
    blocks = [rng.permutation(np.arange(s, min(s + batch, n))) for s in range(0, n, batch)]
    full, rest = blocks[: n // batch], blocks[n // batch :]
    return [full[j] for j in rng.permutation(len(full))] + rest
