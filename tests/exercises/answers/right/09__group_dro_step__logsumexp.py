def group_dro_step(q, losses, eta):
    z = np.log(q) + eta * np.asarray(losses)
    return np.exp(z - np.logaddexp.reduce(z))
