def squared_distance(a, b):
    d = (a - b).ravel()
    return [np.dot(d, d)]
