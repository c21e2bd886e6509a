def rmsprop_step(w, r, g, eta, beta2, delta):
    r = beta2 * r + (1 - beta2) * g**2
    return w - eta / np.sqrt(r + delta**2) * g, r
