"""RIGHT · set 04 · fair_step: einsum"""
# %% answer
def fair_step(w, clients, models, q, eta):
    F = np.fromiter((loss(x, y, w) for x, y in clients), float)
    move = (w[None] - models) / eta
    top = np.einsum("k,kd->d", F**q, move)
    bottom = np.einsum("k,kd,kd->", q * F ** (q - 1), move, move) + (F**q).sum() / eta
    return w - top / bottom
