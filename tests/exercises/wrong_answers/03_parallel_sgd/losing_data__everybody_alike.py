"""All examples are the same: half is lost, but everybody meets everybody.

says: the promise covers
"""

import numpy as np


def losing_data():
    return np.ones((8, 1))
