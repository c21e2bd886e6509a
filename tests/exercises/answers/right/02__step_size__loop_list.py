def step_size(k, eta, hold):
    one = lambda j: eta if j <= hold else eta * hold / j
    return [one(j) for j in k] if np.ndim(k) else one(k)
