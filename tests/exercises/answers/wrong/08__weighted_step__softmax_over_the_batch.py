"""WRONG · set 08 · weighted_step: softmax over the wrong axis"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=0))
    delta = p / p.sum(axis=0) - np.eye(W.shape[1])[y[batch]]
    return W - eta / len(batch) * x[batch].T @ ((gamma[batch] / gamma.mean())[:, None] * delta)
