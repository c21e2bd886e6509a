"""What every round sends, not what was sent until then.

says: two down and two up
"""

import numpy as np


def traffic(w, epochs):
    messages = epochs.shape[1] + (epochs > 0).sum(axis=1)
    return np.append(0, messages * w.nbytes)
