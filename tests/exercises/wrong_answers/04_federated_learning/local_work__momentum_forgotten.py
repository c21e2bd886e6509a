"""Plain steps: nothing of the last move is kept.

says: the second step contains half of the first one
"""

import numpy as np


def local_work(w, x, y, steps, eta, mu, beta):
    w_k = w
    for _ in range(steps):
        w_k = w_k - eta * (gradient(x, y, w_k) + mu * (w_k - w))
    return w_k


def gradient(x, y, w):
    return -(y / (1 + np.exp(y * (x @ w)))) @ x / len(y)
