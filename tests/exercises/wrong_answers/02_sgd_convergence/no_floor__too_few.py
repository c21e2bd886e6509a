"""Two examples, one for each weight.

says: there are 2 examples; at least four are asked for
"""

import numpy as np


def no_floor():
    return np.eye(2), np.ones(2)
