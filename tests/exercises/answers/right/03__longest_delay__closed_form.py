def longest_delay(step):
    return np.ceil((np.pi / (2 * np.arcsin(step / 2)) - 1) / 2) - 1
