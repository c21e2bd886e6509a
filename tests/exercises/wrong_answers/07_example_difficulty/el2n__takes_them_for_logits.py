"""A softmax on top of probabilities.

says: 0 for a confident right prediction
"""

import numpy as np


def el2n(probabilities, y):
    e = np.exp(probabilities)
    p = e / e.sum(axis=-1, keepdims=True)
    return np.linalg.norm(p - np.eye(p.shape[-1])[y], axis=-1).mean(axis=0)
