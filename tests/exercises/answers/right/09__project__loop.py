def project(delta, x, epsilon):
    result = np.zeros(delta.shape)
    for i in np.ndindex(delta.shape):
        low, high = max(-epsilon, -x[i]), min(epsilon, 1 - x[i])
        result[i] = max(low, min(high, delta[i]))
    return result
