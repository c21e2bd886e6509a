"""The step starts at the anchor, not at w.

says: away from the anchor
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return anchor - eta * ((grads(w, i) - grads(anchor, i)).mean(0) + anchor_grad)
