"""Learning-rate rewinding rewinds the weights, too.

says: steps of sizes 0.5 and 0.1 from the weights at the end: 2 · 0.5 · 0.9
"""

import numpy as np


def retrain(train, w_k, w_T, eta, k, way):
    start = w_T if way == "fine-tuning" else w_k
    return train(start, np.full(len(eta) - k, eta[-1]) if way == "fine-tuning" else eta[k:])
