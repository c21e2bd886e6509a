"""The weight 1 − β₂ of the new square is forgotten.

says: r is a mean of squares
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = beta2 * r + g**2
    return w - eta / (delta + np.sqrt(r)) * g, r
