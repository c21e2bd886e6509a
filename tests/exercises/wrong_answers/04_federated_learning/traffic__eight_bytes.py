"""Every number is taken to have eight bytes.

says: 2 × 3 numbers of 4 bytes
"""

import numpy as np


def traffic(w, epochs):
    messages = epochs.shape[1] + (epochs > 0).sum(axis=1)
    return np.append(0, np.cumsum(messages) * 8 * w.size)
