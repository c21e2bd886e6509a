def fixed_point(h, c, n, eta, T):
    w, a = 0.0, 1 - (1 - eta * h) ** T
    for _ in range(5000):
        w = n @ (w + a * (c - w)) / n.sum()
    return [w]
