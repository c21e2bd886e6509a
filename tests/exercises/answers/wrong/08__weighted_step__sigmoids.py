"""WRONG · set 08 · weighted_step: one sigmoid for each class instead of the softmax"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    p = 1 / (1 + np.exp(-(x[batch] @ W)))
    delta = p - np.eye(W.shape[1])[y[batch]]
    return W - eta / len(batch) * x[batch].T @ ((gamma[batch] / gamma.mean())[:, None] * delta)
