"""The estimate is returned, not the new w.

says: at the anchor the step is one of gradient descent
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return (grads(w, i) - grads(anchor, i)).mean(0) + anchor_grad
