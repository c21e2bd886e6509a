"""RIGHT · set 03 · epochs_needed: int float"""
# %% answer
import math


def epochs_needed(h, eta, base, batch, n, target):
    shrink = math.fabs(1 - h * eta * batch / base)
    if shrink >= 1:
        return math.inf
    epochs, size = 0, 1.0
    while size > target:
        size *= shrink ** (n // batch)
        epochs += 1
    return float(epochs)
