"""What belongs to a unit that goes is set to 0, and the network stays as large as it was.

says: weights[0] must have the shape (2, 1), not (3, 1)
"""

import numpy as np


def shrink(weights, biases, kept):
    rows = [*kept, np.ones(len(biases[-1]), bool)]
    columns = [np.ones(weights[0].shape[1], bool), *kept]
    return [W * r[:, None] * c for W, r, c in zip(weights, rows, columns, strict=True)], [
        b * r for b, r in zip(biases, rows, strict=True)
    ]
