"""h is LF^q alone: the step is then a weighted mean, too long for large q.

says: one client with F = log 2
"""

import numpy as np


def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w) for x, y in clients])
    g = (w - models) / eta
    h = F**q / eta
    return w - F**q @ g / h.sum()


def loss(x, y, w):
    return np.logaddexp(0, -y * (x @ w)).mean()
