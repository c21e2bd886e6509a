"""The caller's arrays are changed.

says: momentum_step(w=[1.], dw=[0.], g=[2.], eta=0.5, beta=0.9) changed its input w in place
"""


def momentum_step(w, dw, g, eta, beta):
    dw *= beta
    dw -= eta * g
    w += dw
    return w, dw
