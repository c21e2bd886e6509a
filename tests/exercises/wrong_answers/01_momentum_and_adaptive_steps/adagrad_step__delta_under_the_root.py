"""δ is added before the root is taken.

says: delta is added after the root is taken
"""

import numpy as np


def adagrad_step(w, r, g, eta, delta):
    r = r + g**2
    return w - eta / np.sqrt(r + delta) * g, r
