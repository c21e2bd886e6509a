def squared_distance(a, b):
    d = np.subtract(a, b, dtype=np.float32)
    return np.float32(np.sum(d * d))
