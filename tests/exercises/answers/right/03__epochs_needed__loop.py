import math


def epochs_needed(h, eta, base, batch, n, target):
    factor, w, steps = abs(1 - eta * batch / base * h), 1.0, 0
    if factor >= 1:
        return math.inf
    while w > target:
        w *= factor
        steps += 1
    return math.ceil(steps * batch / n)
