"""The mask keeps the weights that start large, not those that end large.

says: after the source task the weights are 1, -2 and 3.5
"""

import numpy as np


def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(w0))[: round(density * len(w0))]] = True
    return target(w0, mask), target(fresh, mask)
