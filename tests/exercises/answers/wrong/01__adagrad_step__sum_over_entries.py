"""WRONG · set 01 · adagrad_step: sum over entries"""
# %% answer
def adagrad_step(w, r, g, eta, delta):
    r = r + np.sum(g**2)
    return w - eta / (delta + np.sqrt(r)) * g, r
