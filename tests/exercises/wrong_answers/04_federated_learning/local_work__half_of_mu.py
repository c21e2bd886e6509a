"""The derivative of μ/2 ‖·‖² is taken as μ/2 times the difference.

says: mu pulls towards the server's w
"""

import numpy as np


def local_work(w, x, y, steps, eta, mu, beta):
    w_k, v = w, np.zeros_like(w)
    for _ in range(steps):
        v = beta * v - eta * (gradient(x, y, w_k) + mu / 2 * (w_k - w))
        w_k = w_k + v
    return w_k


def gradient(x, y, w):
    return -(y / (1 + np.exp(y * (x @ w)))) @ x / len(y)
