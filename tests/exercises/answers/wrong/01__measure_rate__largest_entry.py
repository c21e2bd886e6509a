"""WRONG · set 01 · measure_rate: largest entry"""
# %% answer
def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        previous, w = w, w - eta * grad(w)
    return abs(w).max() / abs(previous).max()
