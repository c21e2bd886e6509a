"""As many units as are kept, but the first ones.

says: both must compute the same
"""

import numpy as np


def shrink(weights, biases, kept):
    n = [weights[0].shape[1], *(np.count_nonzero(k) for k in kept), len(biases[-1])]
    return [W[:b, :a] for W, a, b in zip(weights, n, n[1:], strict=False)], [
        b[:k] for b, k in zip(biases, n[1:], strict=False)
    ]
