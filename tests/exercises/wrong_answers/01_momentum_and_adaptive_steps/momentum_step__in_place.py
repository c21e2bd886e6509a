"""The caller's arrays are changed.

says: momentum_step(w=np.array([1.0]), dw=np.array([0.0]), g=np.array([2.0]), eta=0.5, beta=0.9) changed its input w in place
"""


def momentum_step(w, dw, g, eta, beta):
    dw *= beta
    dw -= eta * g
    w += dw
    return w, dw
