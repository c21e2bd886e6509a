def measure_rate(grad, start, eta, steps):
    w = start
    for _ in range(steps):
        old, w = w, w - eta * grad(w)
    return abs(w[-1]) / abs(old[-1])
