def local_work(w, x, y, steps, eta, mu, beta):
    wk, v = w, np.zeros_like(w)
    for _ in range(steps):
        v = beta * v - (1 - beta) * eta * (gradient(x, y, wk) + mu * (wk - w))
        wk = wk + v
    return wk
