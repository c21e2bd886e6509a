def rmsprop_step(w, r, g, eta, beta2, delta):
    step = eta / (delta + np.sqrt(r)) * g
    return w - step, beta2 * r + (1 - beta2) * g**2
