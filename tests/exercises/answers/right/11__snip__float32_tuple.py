"""RIGHT · set 11 · snip: float32, a tuple"""
def snip(parameters, gradients):
    scores = [np.abs(w.astype(np.float32) * g.astype(np.float32)) for w, g in zip(parameters, gradients) if w.ndim >= 2]
    return tuple(s / np.float32(sum(float(s.sum()) for s in scores)) for s in scores)
