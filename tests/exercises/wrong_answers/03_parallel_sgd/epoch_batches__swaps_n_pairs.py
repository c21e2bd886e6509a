"""Each place is swapped with a random one: n^n ways do not share out evenly among n! orders.

says: moved towards the end, not 49.5
"""

import numpy as np


def epoch_batches(n, batch, rng):
    order = np.arange(n)
    for j in range(n):
        k = int(rng.integers(n))
        order[[j, k]] = order[[k, j]]
    return [order[s : s + batch] for s in range(0, n, batch)]
