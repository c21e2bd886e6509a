"""WRONG · set 02 · noise: norm of std"""
# %% answer
def noise(grads, b, replacement):
    n = len(grads)
    s = grads.std(0, ddof=0).sum() ** 2
    return s / b if replacement else (n - b) / (n - 1) * s / b
