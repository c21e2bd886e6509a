"""The norm in h is not squared.

says: one client with F = log 2
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w) for x, y in clients])
    g = (w - models) / eta
    h = q * F ** (q - 1) * np.linalg.norm(g, axis=1) + F**q / eta
    return w - F**q @ g / h.sum()


def loss(x, y, w):
    return np.logaddexp(0, -y * (x @ w)).mean()
