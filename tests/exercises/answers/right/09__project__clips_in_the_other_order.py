def project(delta, x, epsilon):
    return np.clip(np.clip(x + delta, 0, 1) - x, -epsilon, epsilon)
