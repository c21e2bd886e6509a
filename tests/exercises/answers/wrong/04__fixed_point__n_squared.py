def fixed_point(h, c, n, eta, T):
    a = n**2 * (1 - (1 - eta * h) ** T)
    return a @ c / a.sum()
