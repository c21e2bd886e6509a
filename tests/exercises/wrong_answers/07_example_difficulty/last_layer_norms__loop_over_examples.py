"""The right lengths, one example after the other.

says: without a loop over the examples
"""

import numpy as np


def last_layer_norms(probabilities, h, y):
    lengths = []
    for p, row, label in zip(probabilities, h, y, strict=True):
        delta = p - np.eye(len(p))[label]
        lengths.append(np.linalg.norm(delta) * np.sqrt(1 + row @ row))
    return np.array(lengths)
