"""Delta stands under the root.

says: without correction, the slide's step: adam_step(w=np.array([1.0, -2.0])
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g * g
    a, b = (v / (1 - beta1**t), r / (1 - beta2**t)) if bias_correction else (v, r)
    return w - eta * a / np.sqrt(b + delta**2), v, r
