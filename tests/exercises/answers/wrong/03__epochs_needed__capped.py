import numpy as np


def epochs_needed(h, eta, base, batch, n, target):
    w, factor = 1.0, 1 - eta * batch / base * h
    for epoch in range(1, 4):
        w *= factor ** (n // batch)
        if abs(w) <= target:
            return epoch
    return np.inf
