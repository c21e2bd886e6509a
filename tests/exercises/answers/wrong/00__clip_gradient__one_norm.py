def clip_gradient(g, limit):
    n = np.abs(g).sum()
    return g if n <= limit else g * limit / n
