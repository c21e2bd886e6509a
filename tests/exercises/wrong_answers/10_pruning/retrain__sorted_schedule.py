"""The step sizes are sorted, large first, so a schedule that rises is not repeated.

says: the step sizes
"""

import numpy as np


def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    return train(start, np.full(len(eta) - k, eta[-1]) if way == "fine-tuning" else np.sort(eta[k:])[::-1])
