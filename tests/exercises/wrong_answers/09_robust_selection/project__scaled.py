"""All entries are scaled until the largest is epsilon.

says: and the others stay
"""

import numpy as np


def project(delta, x, epsilon):
    delta = delta * min(1, epsilon / np.abs(delta).max())
    return np.clip(x + delta, 0, 1) - x
