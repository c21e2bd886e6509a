"""Two calls for each example of the batch.

says: the budget here is 2
"""

import numpy as np


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    g = np.zeros_like(w)
    for k in i:
        g = g + grads(w, np.array([k]))[0] - grads(anchor, np.array([k]))[0]
    return w - eta * (g / len(i) + anchor_grad)
