def squared_distance(a, b):
    return np.linalg.norm(a - b, 2) ** 2
