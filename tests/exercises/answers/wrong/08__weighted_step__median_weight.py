"""WRONG · set 08 · weighted_step: relative to the median weight"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    return W - eta / len(batch) * x[batch].T @ ((gamma[batch] / np.median(gamma))[:, None] * delta)
