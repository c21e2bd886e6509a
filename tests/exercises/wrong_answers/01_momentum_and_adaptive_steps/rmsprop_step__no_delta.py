"""δ is left out.

says: delta plus the root of the new r
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = beta2 * r + (1 - beta2) * g**2
    return w - eta / np.sqrt(r) * g, r
