"""The full gradient at the anchor is computed once more.

says: was called 3 times; the budget here is 2
"""

import numpy as np


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    full = grads(anchor, np.arange(2)).mean(0)
    return w - eta * ((grads(w, i) - grads(anchor, i)).mean(0) + full)
