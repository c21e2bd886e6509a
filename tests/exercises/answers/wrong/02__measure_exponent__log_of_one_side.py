def measure_exponent(k, gap):
    return np.polyfit(np.log(k), gap, 1)[0]
