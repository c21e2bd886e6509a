"""The pull is taken as an exact proximal step.

says: mu pulls towards the server
"""

import numpy as np


def local_work(w, x, y, steps, eta, mu, beta):
    wk, v = w.copy(), np.zeros_like(w)
    for _ in range(steps):
        v = beta * v - eta * gradient(x, y, wk)
        wk = (wk + v + eta * mu * w) / (1 + eta * mu)
    return wk
