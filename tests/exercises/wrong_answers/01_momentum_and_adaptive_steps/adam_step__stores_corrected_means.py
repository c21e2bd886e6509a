"""The corrected means are returned, so the next step corrects them again.

says: v and r stay uncorrected
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    if bias_correction:
        v, r = v / (1 - beta1**t), r / (1 - beta2**t)
    return w - eta / (delta + np.sqrt(r)) * v, v, r
