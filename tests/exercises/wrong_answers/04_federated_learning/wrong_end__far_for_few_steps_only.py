"""Far enough for five steps, and not for twenty.

says: T = 20 ends at
"""

import numpy as np


def wrong_end():
    return np.array([0.9, 0.15]), np.array([1.0, -1.0])
