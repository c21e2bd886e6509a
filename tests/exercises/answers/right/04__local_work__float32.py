def local_work(w, x, y, steps, eta, mu, beta):
    w, x, y = (a.astype(np.float32) for a in (w, x, y))
    wk, v = w, 0 * w
    for _ in range(steps):
        v = beta * v - eta * (gradient(x, y, wk) + mu * (wk - w))
        wk = wk + v
    return wk
