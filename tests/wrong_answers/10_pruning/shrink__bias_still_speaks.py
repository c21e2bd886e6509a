"""A removed unit's bias goes on through the ReLU and into the next bias.

says: both must compute the same
"""

import numpy as np


def shrink(weights, biases, kept):
    rows = [*kept, np.ones(len(biases[-1]), bool)]
    columns = [np.ones(weights[0].shape[1], bool), *kept]
    heard = [W[:, ~k] @ np.maximum(b[~k], 0) for W, b, k in zip(weights[1:], biases, kept, strict=False)]
    louder = [biases[0], *(b + more for b, more in zip(biases[1:], heard, strict=False))]
    return [W[r][:, c] for W, r, c in zip(weights, rows, columns, strict=True)], [
        b[r] for b, r in zip(louder, rows, strict=True)
    ]
