def nesterov_step(w, dw, grad, eta, beta):
    ahead = grad((w + beta * dw).tolist() * np.array(1.0))
    dw = beta * dw - eta * np.array(ahead)
    return [w + dw, dw]
