"""Both are trained on the source task again.

says: was called 2 times
"""

import numpy as np


def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return source(w0, mask), source(fresh, mask)
