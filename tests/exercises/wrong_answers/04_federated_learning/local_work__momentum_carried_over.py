"""The momentum of the last round is still there in the next one.

says: momentum, with v = 0 at the start of every call
"""

import numpy as np

speed = {}


def local_work(w, x, y, steps, eta, mu, beta):
    w_k, v = w, speed.get(w.shape, np.zeros_like(w))
    for _ in range(steps):
        v = beta * v - eta * (gradient(x, y, w_k) + mu * (w_k - w))
        w_k = w_k + v
    speed[w.shape] = v
    return w_k


def gradient(x, y, w):
    return -(y / (1 + np.exp(y * (x @ w)))) @ x / len(y)
