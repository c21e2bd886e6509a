"""A straggler is averaged as if it had sent w back.

says: only the first client is done
"""

import numpy as np


def average(w, models, n, done):
    if not done.any():
        return w.copy()
    models = np.where(done[:, None], models, w)
    return n @ models / n.sum()
