"""The lengths of both parts are added, not their squares.

says: squares add up to 20
"""

import numpy as np


def last_layer_norms(probabilities, h, y):
    delta = np.linalg.norm(probabilities - np.eye(probabilities.shape[1])[y], axis=1)
    return delta + delta * np.linalg.norm(h, axis=1)
