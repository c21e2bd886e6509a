"""The sum over the mini-batch in place of the mean.

says: a step of mini-batch SGD
"""

import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    relative = gamma[batch] / gamma.mean()
    return W - eta * x[batch].T @ (relative[:, None] * delta)
