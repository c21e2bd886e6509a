"""Only W has a gradient.

says: only the bias has a gradient
"""

import numpy as np


def last_layer_norms(probabilities, h, y):
    delta = probabilities - np.eye(probabilities.shape[1])[y]
    return np.linalg.norm(delta, axis=1) * np.linalg.norm(h, axis=1)
