"""RIGHT · set 07 · el2n: float32"""
def el2n(probabilities, y):
    p = probabilities.astype(np.float32)
    one_hot = np.eye(p.shape[-1], dtype=np.float32)[y]
    return np.sqrt(((p - one_hot) ** 2).sum(-1)).mean(0)
