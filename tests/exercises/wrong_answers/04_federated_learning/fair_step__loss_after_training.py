"""F_k is measured with the client's own new weights.

says: one client with F = log 2
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w_k) for (x, y), w_k in zip(clients, models, strict=True)])
    g = (w - models) / eta
    h = q * F ** (q - 1) * (g**2).sum(axis=1) + F**q / eta
    return w - F**q @ g / h.sum()


def loss(x, y, w):
    return np.logaddexp(0, -y * (x @ w)).mean()
