"""t is ignored: every step is corrected as if it were the first.

says: the corrected step at any t
"""

import numpy as np


def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    v_used, r_used = v, r
    if bias_correction:
        v_used, r_used = v / (1 - beta1), r / (1 - beta2)
    return w - eta / (delta + np.sqrt(r_used)) * v_used, v, r
