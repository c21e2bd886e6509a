def squared_distance(a, b):
    return np.abs(a - b).sum() ** 2
