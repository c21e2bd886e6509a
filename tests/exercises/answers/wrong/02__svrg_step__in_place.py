"""WRONG · set 02 · svrg_step: in place"""
# %% answer
def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    g = (grads(w, i) - grads(anchor, i)).mean(0)
    g += anchor_grad
    w -= eta * g
    return w
