"""All examples are the same: half is lost, but everybody meets everybody.

says: n/(2Δ_av) is
"""

import numpy as np


def losing_data():
    return np.ones((8, 1))
