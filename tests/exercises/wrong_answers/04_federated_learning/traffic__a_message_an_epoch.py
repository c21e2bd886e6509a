"""A message back for every epoch: that is distributed SGD.

says: more local epochs need no more messages
"""

import numpy as np


def traffic(w, epochs):
    messages = epochs.shape[1] + epochs.sum(axis=1)
    return np.append(0, np.cumsum(messages) * w.nbytes)
