def noise(grads, b, replacement):
    n = len(grads)
    v = grads.var(axis=0).sum(keepdims=True) / b
    return v if replacement else v * (n - b) / (n - 1)
