def mini_batch_gradient(x, y, w, i):
    xb = x[i].astype(np.float32)
    return ((xb @ w.astype(np.float32) - y[i]) @ xb / len(i)).tolist()
