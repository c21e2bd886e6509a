def step_size(k, eta, hold):
    return np.minimum(eta, eta / np.maximum(1, np.asarray(k) // hold))
