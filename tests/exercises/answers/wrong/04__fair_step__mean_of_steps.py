def fair_step(w, clients, models, q, eta):
    F = np.array([loss(x, y, w) for x, y in clients])
    g = (w - models) / eta
    h = q * F ** (q - 1) * (g**2).sum(1) + F**q / eta
    return w - (F[:, None] ** q * g / h[:, None]).mean(0)
