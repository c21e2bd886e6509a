"""δ is left out.

says: nan or inf
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = beta2 * r + (1 - beta2) * g**2
    return w - eta / np.sqrt(r) * g, r
