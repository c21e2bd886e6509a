def momentum_step(w, dw, g, eta, beta):
    w, dw, g = (np.asarray(a, np.float32) for a in (w, dw, g))
    dw = beta * dw - eta * g
    return w + dw, dw
