"""WRONG · set 04 · fixed_point: n twice"""
# %% answer
def fixed_point(h, c, n, eta, T):
    a = 1 - (1 - eta * h) ** T
    return float((n * a) @ c / (n.sum() * a.mean()))
