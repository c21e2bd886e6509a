def project(delta, x, epsilon):
    inside = np.clip(delta, -epsilon, epsilon)
    return np.clip(x + inside, 0, 1) - x
