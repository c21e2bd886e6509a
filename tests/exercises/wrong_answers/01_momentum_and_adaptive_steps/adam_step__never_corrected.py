"""The part with correction is missing.

says: the corrected step at t = 1
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    return w - eta / (delta + np.sqrt(r)) * v, v, r
