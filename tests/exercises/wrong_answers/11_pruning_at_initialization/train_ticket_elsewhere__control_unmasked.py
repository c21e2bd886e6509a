"""The control is dense.

says: the control's 5 and 6 become 15 and 16
"""

import numpy as np


def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return target(w0, mask), target(fresh, np.ones(len(w0)))
