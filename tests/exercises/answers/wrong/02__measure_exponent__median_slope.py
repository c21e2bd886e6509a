def measure_exponent(k, gap):
    u, v = np.log(k), np.log(gap)
    return np.median(np.diff(v) / np.diff(u))
