"""∂R/∂|θ| without the factor |θ|.

says: the last weight lies on both
"""

import numpy as np


def synflow(weights):
    layers = [abs(W) for W in weights]
    front, back = [np.ones(layers[0].shape[1])], [np.ones(len(layers[-1]))]
    for A in layers[:-1]:
        front.append(A @ front[-1])
    for A in layers[:0:-1]:
        back.append(A.T @ back[-1])
    return [b[:, None] * f + 0 * A for A, f, b in zip(layers, front, back[::-1], strict=True)]
