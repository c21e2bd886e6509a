import math


def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * h * batch / base)
    if factor >= 1:
        return math.inf
    if factor == 0:
        return 1
    return math.ceil(math.log(target, factor) / (n / batch))
