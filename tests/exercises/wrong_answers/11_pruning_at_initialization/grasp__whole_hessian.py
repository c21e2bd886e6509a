"""The Hessian, column by column.

says: the budget here is 3
"""

import numpy as np


def grasp(grad, w):
    e = 1e-4 * np.eye(len(w))
    H = np.array([(grad(w + d) - grad(w - d)) / 2e-4 for d in e]).T
    return w * (H @ grad(w))
