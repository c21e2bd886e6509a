def wrong_end():
    return np.array([1.0]), np.array([1.0])
