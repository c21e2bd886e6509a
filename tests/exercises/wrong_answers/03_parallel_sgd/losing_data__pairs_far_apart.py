"""The right pairs in the wrong place: they never run at the same time.

says: 0.0 % of the additions are lost
"""

import numpy as np


def losing_data():
    return np.tile(np.eye(8), (2, 1))
