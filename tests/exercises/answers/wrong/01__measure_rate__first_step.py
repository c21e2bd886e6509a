def measure_rate(grad, start, eta, steps):
    w = start - eta * grad(start)
    return np.linalg.norm(w) / np.linalg.norm(start)
