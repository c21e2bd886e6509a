"""The schedule is repeated from step 0 in place of step k.

says: from the weights of step k: 8 · 0.5 · 0.9
"""

import numpy as np


def retrain(train, w_k, w_T, eta, k, way):
    n = len(eta) - k
    start = w_k if way == "weight rewinding" else w_T
    return train(start, np.full(n, eta[-1]) if way == "fine-tuning" else eta[:n])
