"""The right lengths, from the gradients of all examples at once.

says: without the gradients themselves
"""

import numpy as np


def last_layer_norms(probabilities, h, y):
    delta = probabilities - np.eye(probabilities.shape[1])[y]
    in_W = delta[:, :, None] * h[:, None, :]
    return np.sqrt((in_W**2).sum(axis=(1, 2)) + (delta**2).sum(axis=1))
