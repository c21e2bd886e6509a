def clip_gradient(g, limit):
    return g * min(1.0, limit / (np.linalg.norm(g) + 1e-2))
