def project(delta, x, epsilon):
    d = np.where(delta > epsilon, epsilon, np.where(delta < -epsilon, -epsilon, delta))
    d = np.where(x + d > 1, 1 - x, d)
    return np.where(x + d < 0, -x, d)
