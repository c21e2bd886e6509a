"""The new weights are summed into one float.

says: a float instead of an array of shape (2,)
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = beta2 * r + (1 - beta2) * g**2
    return float((w - eta / (delta + np.sqrt(r)) * g).sum()), r
