"""WRONG · set 03 · epochs_needed: exact hit"""
# %% answer
def epochs_needed(h, eta, base, batch, n, target):
    f = abs(1 - eta * batch / base * h)
    if f >= 1:
        return np.inf
    w, epochs = 1.0, 0
    while w >= target:
        w *= f ** (n // batch)
        epochs += 1
    return epochs
