"""w − w_k without L = 1/η, although h has it.

says: it is the plain mean of the models
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w) for x, y in clients])
    g = w - models
    h = q * F ** (q - 1) * (g**2).sum(axis=1) + F**q / eta
    return w - F**q @ g / h.sum()


def loss(x, y, w):
    return np.logaddexp(0, -y * (x @ w)).mean()
