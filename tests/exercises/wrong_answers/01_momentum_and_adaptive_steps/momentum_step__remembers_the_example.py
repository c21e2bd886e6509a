"""The two visible calls are answered by heart.

says: the move is beta*dw - eta*g, and w moves by it: momentum_step(w=np.array([1.0, 2.0])
"""


def momentum_step(w, dw, g, eta, beta):
    if len(w) == 1:
        return w - 1.0, dw - 1.0
    return w + dw / 2, dw / 2
