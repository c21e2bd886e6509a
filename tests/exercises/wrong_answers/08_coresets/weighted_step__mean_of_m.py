"""Divided by the size of the coreset, not of the batch.

says: so example 0 counts 3/2
"""

import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    relative = gamma[batch] / gamma.mean()
    return W - eta / len(x) * x[batch].T @ (relative[:, None] * delta)
