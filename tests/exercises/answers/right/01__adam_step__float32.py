def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    w, v, r, g = (a.astype(np.float32) for a in (w, v, r, g))
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g * g
    a, b = (v / (1 - beta1**t), r / (1 - beta2**t)) if bias_correction else (v, r)
    return [w - eta * a / (np.sqrt(b) + delta), v, r]
