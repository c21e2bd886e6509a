def synchronous_step(w, shares, eta):
    means = [(x @ w - y) @ x / len(y) for x, y in shares if len(y)]
    return w - eta * np.mean(means, axis=0)
