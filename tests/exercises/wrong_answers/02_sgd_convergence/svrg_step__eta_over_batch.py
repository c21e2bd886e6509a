"""A sum over the batch in place of its mean.

says: a batch of several, some of them twice
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    g = (grads(w, i) - grads(anchor, i)).sum(0) + len(i) * anchor_grad
    return w - eta * g
