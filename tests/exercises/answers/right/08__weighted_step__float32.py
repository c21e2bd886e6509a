"""RIGHT · set 08 · weighted_step: float32"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    W, x, gamma = (a.astype(np.float32) for a in (W, x, gamma))
    z = x[batch] @ W
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = p / p.sum(axis=1, keepdims=True) - np.eye(W.shape[1])[y[batch]]
    relative = gamma[batch] / gamma.mean()
    return W - eta / len(batch) * x[batch].T @ (relative[:, None] * delta)
