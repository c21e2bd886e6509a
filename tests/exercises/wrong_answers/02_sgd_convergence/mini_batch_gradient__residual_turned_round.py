"""The residual has the wrong sign, so the loss is climbed.

says: returned [-6.]; expected [6.]
"""


def mini_batch_gradient(x, y, w, i):
    return (y[i] - x[i] @ w) @ x[i] / len(i)
