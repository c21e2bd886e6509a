def noise(grads, b, replacement):
    n = len(grads)
    s = ((grads - grads.mean(0)) ** 2).sum(1).mean()
    return s / b if replacement else (n - b) / n * s / b
