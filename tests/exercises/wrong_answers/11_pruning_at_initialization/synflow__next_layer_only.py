"""Only the neighbouring layers are looked at, as if no chain were longer than two.

says: the sum over all paths through a weight
"""

import numpy as np


def synflow(weights):
    layers = [abs(W) for W in weights]
    front = [np.ones(layers[0].shape[1]), *(A.sum(axis=1) for A in layers[:-1])]
    back = [*(A.sum(axis=0) for A in layers[1:]), np.ones(len(layers[-1]))]
    return [b[:, None] * A * f for A, f, b in zip(layers, front, back, strict=True)]
