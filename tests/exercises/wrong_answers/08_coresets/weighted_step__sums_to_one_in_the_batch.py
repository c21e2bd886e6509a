"""Divided by the sum of the weights of the batch.

says: the mean weight of the coreset is 2
"""

import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    relative = gamma[batch] / gamma[batch].sum()
    return W - eta * x[batch].T @ (relative[:, None] * delta)
