"""RIGHT · set 08 · weighted_step: one example after the other"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    new = W.copy()
    for i in batch:
        z = x[i] @ W
        p = np.exp(z) / np.exp(z).sum()
        p[y[i]] -= 1
        new -= eta / len(batch) * gamma[i] / np.mean(gamma) * np.outer(x[i], p)
    return new
