def group_dro_step(q, losses, eta):
    with np.errstate(over="ignore"):
        return np.array([1 / sum(q[h] / q[g] * np.exp(eta * (losses[h] - losses[g])) for h in range(len(q))) for g in range(len(q))])
