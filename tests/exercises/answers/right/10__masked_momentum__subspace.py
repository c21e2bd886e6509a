"""RIGHT · set 10 · masked_momentum: subspace"""
# %% answer
def masked_momentum(grad, w, v, mask, eta, beta, decay, steps):
    left = np.flatnonzero(mask)
    full = np.zeros(w.shape)
    full[left], v = w[left], v[left]
    for _ in range(steps):
        v = beta * v + np.asarray(grad(full.copy()))[left] + decay * full[left]
        full[left] -= eta * v
    return full
