"""Fine-tuning makes T steps, not T - k.

says: two steps of size 0.1 from the weights at the end
"""

import numpy as np


def retrain(train, w_k, w_T, eta, k, way):
    start = w_k if way == "weight rewinding" else w_T
    return train(start, np.full(len(eta), eta[-1]) if way == "fine-tuning" else eta[k:])
