"""The rows of zeros go, whatever `kept` says: a unit that stays may have such a row, too.

says: weights[0] must have the shape (2, 1), not (1, 1)
"""

import numpy as np


def shrink(weights, biases, kept):
    rows = [*(W.any(axis=1) for W in weights[:-1]), np.ones(len(biases[-1]), bool)]
    columns = [np.ones(weights[0].shape[1], bool), *rows[:-1]]
    return [W[r][:, c] for W, r, c in zip(weights, rows, columns, strict=True)], [
        b[r] for b, r in zip(biases, rows, strict=True)
    ]
