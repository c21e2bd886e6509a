def longest_delay(step):
    return max(0, int(np.ceil((np.pi / step - 1) / 2)) - 1)
