"""β₂ and 1 − β₂ are swapped.

says: without a gradient r forgets
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = (1 - beta2) * r + beta2 * g**2
    return w - eta / (delta + np.sqrt(r)) * g, r
