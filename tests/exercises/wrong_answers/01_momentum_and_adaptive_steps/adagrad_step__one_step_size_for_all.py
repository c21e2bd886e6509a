"""r adds up over the weights, too.

says: each weight has a step of its own
"""

import numpy as np


def adagrad_step(w, r, g, eta, delta):
    r = r + (g**2).sum()
    return w - eta / (delta + np.sqrt(r)) * g, r
