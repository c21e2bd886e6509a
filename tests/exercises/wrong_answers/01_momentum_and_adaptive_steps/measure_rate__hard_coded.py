"""Nothing is run: the rate of the lecture's κ = 25 is returned.

says: one step on a parabola multiplies w by 1 - eta
"""


def measure_rate(grad, start, eta, steps):
    return (25 - 1) / (25 + 1)
