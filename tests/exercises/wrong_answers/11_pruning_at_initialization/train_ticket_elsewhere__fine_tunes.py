"""The ticket starts from the weights that the source task has trained.

says: on the target task -2 and 0.5 become 8 and 10.5
"""

import numpy as np


def train_ticket_elsewhere(source, target, w0, fresh, density):
    trained = source(w0, np.ones(len(w0), bool))
    mask = np.zeros(len(w0), bool)
    mask[np.argsort(-abs(trained))[: round(density * len(w0))]] = True
    return target(trained, mask), target(fresh, mask)
