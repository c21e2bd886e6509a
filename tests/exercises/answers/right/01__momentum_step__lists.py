def momentum_step(w, dw, g, eta, beta):
    new = [beta * d - eta * e for d, e in zip(dw, g)]
    return [[p + d for p, d in zip(w, new)], new]
