"""WRONG · set 04 · local_work: one step less"""
# %% answer
def local_work(w, x, y, steps, eta, mu, beta):
    w_k, v = w - eta * gradient(x, y, w), np.zeros_like(w)
    for _ in range(steps - 1):
        v = beta * v - eta * (gradient(x, y, w_k) + mu * (w_k - w))
        w_k = w_k + v
    return w_k
