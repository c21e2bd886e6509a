"""The corrections move into the step size, and delta is forgotten there.

says: the corrected step at t = 1
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g * g
    step = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t) if bias_correction else eta
    return w - step * v / (np.sqrt(r) + delta), v, r
