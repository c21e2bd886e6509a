"""RIGHT · set 01 · measure_rate: accumulate"""
# %% answer
from itertools import accumulate


def measure_rate(grad, start, eta, steps):
    *_, before, after = accumulate(range(steps), lambda w, _: w - eta * grad(w), initial=start)
    return float((after @ after / (before @ before)) ** 0.5)
