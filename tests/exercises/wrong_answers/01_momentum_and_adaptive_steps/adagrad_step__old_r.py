"""This step's gradient does not count in its own step size.

says: r adds up the squares, this step's included
"""

import numpy as np


def adagrad_step(w, r, g, eta, delta):
    return w - eta / (delta + np.sqrt(r)) * g, r + g**2
