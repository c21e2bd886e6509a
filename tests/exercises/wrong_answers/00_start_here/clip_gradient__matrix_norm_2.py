"""With ord=2 the norm of a matrix is its largest singular value.

says: length_of_clipped(g=np.array([[1.0, 0.0]
"""

import numpy as np


def clip_gradient(g, limit):
    n = np.linalg.norm(g, 2)
    return g if n <= limit else g * limit / n
