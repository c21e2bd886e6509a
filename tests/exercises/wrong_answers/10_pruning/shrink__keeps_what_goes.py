"""`kept` is taken for the units that go.

says: weights[0] must have the shape (2, 1), not (1, 1)
"""

import numpy as np


def shrink(weights, biases, kept):
    rows = [*(~k for k in kept), np.ones(len(biases[-1]), bool)]
    columns = [np.ones(weights[0].shape[1], bool), *(~k for k in kept)]
    return [W[r][:, c] for W, r, c in zip(weights, rows, columns, strict=True)], [
        b[r] for b, r in zip(biases, rows, strict=False)
    ]
