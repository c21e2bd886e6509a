"""RIGHT · set 06 · guesses: float32"""
def guesses(m, k, epsilon):
    base = np.float32(1 + epsilon)
    low, high = np.log(np.float32([m, 2 * k * m])) / np.log(base)
    return base ** np.arange(np.ceil(low), np.floor(high) + 1, dtype=np.float32)
