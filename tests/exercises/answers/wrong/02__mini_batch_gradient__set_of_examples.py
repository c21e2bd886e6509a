def mini_batch_gradient(x, y, w, i):
    j = np.unique(i)
    return (x[j] @ w - y[j]) @ x[j] / len(i)
