def step_size(k, eta, hold):
    return np.where(np.asarray(k) <= hold + 1, eta, eta * hold / k)[()]
