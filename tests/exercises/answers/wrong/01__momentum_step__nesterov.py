def momentum_step(w, dw, g, eta, beta):
    dw = beta * dw - eta * g
    return w + beta * dw - eta * g, dw
