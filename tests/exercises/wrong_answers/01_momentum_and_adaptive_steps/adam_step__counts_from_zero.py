"""The first step is taken for number 0, so the correction divides by 0.

says: nan or inf
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    v_used, r_used = v, r
    if bias_correction:
        v_used, r_used = v / np.subtract(1, beta1 ** (t - 1)), r / np.subtract(1, beta2 ** (t - 1))
    return w - eta / (delta + np.sqrt(r_used)) * v_used, v, r
