"""Small clusters are dropped, not only single medoids.

says: a cluster of two is not dropped
"""

import numpy as np


def to_drop(gradients, y, medoids):
    distances = np.linalg.norm(gradients[:, None] - gradients[medoids][None], axis=-1)
    distances[y[:, None] != y[medoids][None]] = np.inf
    sizes = np.bincount(distances.argmin(axis=1), minlength=len(medoids))
    return np.sort(medoids[sizes <= 2])
