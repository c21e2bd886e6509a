def losing_data():
    return np.repeat(np.eye(16, dtype=bool), 2, axis=0)
