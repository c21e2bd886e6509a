def longest_delay(step):
    return round((np.pi / (2 * np.arcsin(step / 2)) - 1) / 2)
