"""The weights themselves, so that the step grows with the size of a cluster.

says: the mean weight of the coreset is 2
"""

import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    relative = gamma[batch]
    return W - eta / len(batch) * x[batch].T @ (relative[:, None] * delta)
