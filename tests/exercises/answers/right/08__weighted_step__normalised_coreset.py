"""RIGHT · set 08 · weighted_step: gamma scaled to mean one first; einsum"""

# %% answer
import numpy as np


def weighted_step(W, x, y, gamma, batch, eta):
    gamma = gamma * len(gamma) / np.sum(gamma)
    logits = np.einsum("id,dc->ic", x, W)
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    hot = y[:, None] == np.arange(W.shape[1])
    each = np.einsum("i,id,ic->idc", gamma, x, np.exp(log_p) - hot)
    return W - eta * each[batch].mean(axis=0)
