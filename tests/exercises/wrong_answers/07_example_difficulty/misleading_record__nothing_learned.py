"""No example is ever learned.

says: example 1 is not classified correctly
"""

import numpy as np


def misleading_record():
    return np.zeros((8, 3), bool)
