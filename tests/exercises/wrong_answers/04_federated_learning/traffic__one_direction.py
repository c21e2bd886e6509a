"""Only what the clients send is counted.

says: two down and two up
"""

import numpy as np


def traffic(w, epochs):
    messages = (epochs > 0).sum(axis=1)
    return np.append(0, np.cumsum(messages) * w.nbytes)
