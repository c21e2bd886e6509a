"""An example that was drawn twice counts once.

says: in which example 1 counts twice
"""

import numpy as np


def mini_batch_gradient(x, y, w, i):
    i = np.unique(i)
    return (x[i] @ w - y[i]) @ x[i] / len(i)
