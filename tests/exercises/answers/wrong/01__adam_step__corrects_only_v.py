def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    a = v / (1 - beta1**t) if bias_correction else v
    return w - eta / (delta + np.sqrt(r)) * a, v, r
