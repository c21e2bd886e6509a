def synchronous_step(w, shares, eta):
    x, y = shares[0]
    return w - eta * (x @ w - y) @ x / len(y)
