def clip_gradient(g, limit):
    n = np.linalg.norm(g, axis=-1, keepdims=True)
    return np.where(n <= limit, g, g * limit / np.maximum(n, 1e-300))
