"""RIGHT · set 02 · svrg_step: einsum"""
# %% answer
def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    here, there = (np.asarray(grads(at, i)) for at in (w, anchor))
    return np.array([a - eta * (m + g) for a, m, g in zip(w, np.einsum("bd->d", here - there) / len(here), anchor_grad)])
