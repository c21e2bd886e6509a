"""The correction has the wrong sign, which doubles the noise.

says: away from the anchor, the change of the batch's gradient is added
"""


def svrg_step(w, i, grads, anchor, anchor_grad, eta):
    return w - eta * ((grads(anchor, i) - grads(w, i)).mean(0) + anchor_grad)
