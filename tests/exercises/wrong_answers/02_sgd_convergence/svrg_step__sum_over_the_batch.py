"""The differences are added up, not averaged.

says: a batch of several, some of them twice
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * ((grads(w, i) - grads(anchor, i)).sum(0) + anchor_grad)
