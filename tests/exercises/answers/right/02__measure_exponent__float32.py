def measure_exponent(k, gap):
    u, v = np.log2(k.astype(np.float32)), np.log2(gap.astype(np.float32))
    u = u - u.mean()
    return [u @ (v - v.mean()) / (u @ u)]
