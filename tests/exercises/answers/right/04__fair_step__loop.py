def fair_step(w, clients, models, q, eta):
    top, bottom = 0.0, 0.0
    for (x, y), wk in zip(clients, models):
        F, g = loss(x, y, w), (w - wk) / eta
        top = top + F**q * g
        bottom += q * F ** (q - 1) * float(g @ g) + F**q / eta
    return (w - top / bottom).tolist()
