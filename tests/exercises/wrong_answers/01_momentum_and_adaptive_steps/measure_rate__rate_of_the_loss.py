"""The loss shrinks by the square of the rate.

says: one step on a parabola multiplies w by 1 - eta
"""


def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        previous, w = w, w - eta * grad(w)
    return (w @ w) / (previous @ previous)
