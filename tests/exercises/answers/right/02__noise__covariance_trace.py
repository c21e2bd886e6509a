"""RIGHT · set 02 · noise: covariance trace"""
# %% answer
def noise(grads, b, replacement):
    n = len(grads)
    spread = np.trace(np.atleast_2d(np.cov(grads, rowvar=False, bias=True)))
    return spread / b * (1 if replacement else (n - b) / (n - 1))
