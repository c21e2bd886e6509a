"""The batch is ignored: this is the full gradient.

says: one example: the residual
"""


def mini_batch_gradient(x, y, w, i):
    return (x @ w - y) @ x / len(x)
