def mini_batch_gradient(x, y, w, i):
    r = x[i] @ w - y[i]
    return 2 * r @ x[i] / len(i)
