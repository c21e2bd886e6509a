def adagrad_step(w, r, g, eta, delta):
    r = (r + g**2) / 2
    return w - eta / (delta + np.sqrt(r)) * g, r
