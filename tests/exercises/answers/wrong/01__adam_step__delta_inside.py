"""WRONG · set 01 · adam_step: delta inside"""
# %% answer
def adam_step(w, v, r, g, t, eta, beta1, beta2, delta, bias_correction):
    v = beta1 * v + (1 - beta1) * g
    r = beta2 * r + (1 - beta2) * g**2
    c1, c2 = (1 - beta1**t, 1 - beta2**t) if bias_correction else (1, 1)
    return w - eta / np.sqrt(r / c2 + delta) * v / c1, v, r
