"""Not ascending, but in the order of `medoids`.

says: their indices are returned in ascending order
"""

import numpy as np


def to_drop(gradients, y, medoids):
    distances = np.linalg.norm(gradients[:, None] - gradients[medoids][None], axis=-1)
    distances[y[:, None] != y[medoids][None]] = np.inf
    sizes = np.bincount(distances.argmin(axis=1), minlength=len(medoids))
    return medoids[sizes == 1]
