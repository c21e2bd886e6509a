def local_work(w, x, y, steps, eta, mu, beta):
    wk, v = w, np.zeros_like(w)
    for _ in range(steps):
        v = beta * v - eta * gradient(x, y, wk)
        wk = wk + v - eta * mu * (wk - w)
    return wk
