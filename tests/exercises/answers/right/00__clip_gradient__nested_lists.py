def clip_gradient(g, limit):
    n = float(np.sqrt((g * g).sum()))
    return (g * (limit / n) if n > limit else g).tolist()
