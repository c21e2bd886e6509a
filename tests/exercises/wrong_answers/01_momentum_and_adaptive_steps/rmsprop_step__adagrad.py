"""The sum never forgets: this is Adagrad.

says: r is a mean of squares
"""

import numpy as np


def rmsprop_step(w, r, g, eta, beta2, delta):
    r = r + g**2
    return w - eta / (delta + np.sqrt(r)) * g, r
