"""The full gradient at the anchor is not added back: at the anchor nothing moves.

says: at the anchor the step is one of gradient descent
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * (grads(w, i) - grads(anchor, i)).mean(0)
