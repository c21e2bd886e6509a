"""The share of wrong labels stands where the loss belongs.

says: one client with F = log 2
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([np.mean(y * (x @ w) <= 0) for x, y in clients])
    g = (w - models) / eta
    h = q * F ** (q - 1) * (g**2).sum(axis=1) + F**q / eta
    return w - F**q @ g / h.sum()
