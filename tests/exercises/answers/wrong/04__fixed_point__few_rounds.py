"""WRONG · set 04 · fixed_point: few rounds"""
# %% answer
def fixed_point(h, c, n, eta, T):
    w = 0.0
    for _ in range(10):
        w = np.average(c + (w - c) * (1 - eta * h) ** T, weights=n)
    return w
