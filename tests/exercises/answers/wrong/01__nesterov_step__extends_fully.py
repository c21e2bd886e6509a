def nesterov_step(w, dw, grad, eta, beta):
    dw = beta * dw - eta * grad(w + dw)
    return w + dw, dw
