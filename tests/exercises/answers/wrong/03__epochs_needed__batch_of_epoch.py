"""WRONG · set 03 · epochs_needed: batch of epoch"""
# %% answer
def epochs_needed(h, eta, base, batch, n, target):
    f = abs(1 - eta * batch / base * h)
    if f >= 1:
        return np.inf
    if f == 0:
        return 1
    return int(np.log(target) / np.log(f) * batch / n) + 1
