"""Clients that were dropped are counted as if they had sent their weights.

says: then two down and one up
"""

import numpy as np


def traffic(w, epochs):
    messages = np.full(len(epochs), 2 * epochs.shape[1])
    return np.append(0, np.cumsum(messages) * w.nbytes)
