"""The sum runs over the clients as well, so that they share one curvature.

says: Δ and h with the loss at w
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w) for x, y in clients])
    g = (w - models) / eta
    h = q * F ** (q - 1) * (g**2).sum() + F**q / eta
    return w - F**q @ g / h.sum()


def loss(x, y, w):
    return np.logaddexp(0, -y * (x @ w)).mean()
