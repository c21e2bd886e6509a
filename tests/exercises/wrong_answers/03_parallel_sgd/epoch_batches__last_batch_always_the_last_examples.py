"""What n / batch leaves over is shuffled apart.

says: came last 0 times
"""

import numpy as np


def epoch_batches(n, batch, rng):
    cut = n - n % batch
    order = np.concatenate([rng.permutation(cut), cut + rng.permutation(n - cut)]).astype(int)
    return [order[s : s + batch] for s in range(0, n, batch)]
