def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * anchor_grad
