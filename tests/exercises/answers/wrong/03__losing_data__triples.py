def losing_data():
    return np.repeat(np.eye(8), 3, axis=0)
