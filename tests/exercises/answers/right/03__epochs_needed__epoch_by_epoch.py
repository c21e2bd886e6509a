def epochs_needed(h, eta, base, batch, n, target):
    factor = abs(1 - eta * batch * h / base) ** (n // batch)
    if factor >= 1:
        return float("inf")
    epochs, w = 0, 1.0
    while w > target:
        w, epochs = w * factor, epochs + 1
    return epochs
