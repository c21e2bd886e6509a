def group_dro_step(q, losses, eta):
    new = q.copy()
    new *= np.exp((losses - losses.mean()) * eta - (losses - losses.mean()).max() * eta)
    new /= new.sum()
    return new.tolist()
