def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * ((grads(w, i) - grads(anchor, i)).mean() + anchor_grad)
