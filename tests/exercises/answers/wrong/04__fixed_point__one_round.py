def fixed_point(h, c, n, eta, T):
    a = 1 - (1 - eta * h) ** T
    return n @ (a * c) / n.sum()
