def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    d = np.mean(np.float32(grads(w, i)) - np.float32(grads(anchor, i)), axis=0)
    return list(np.float32(w) - np.float32(eta) * (d + np.float32(anchor_grad)))
