"""Example 0 is learned in the end.

says: example 0 was learned, at presentation 7
"""

import numpy as np


def misleading_record():
    record = np.tile((np.arange(8) % 2 == 0)[:, None], 3)
    record[:, 0] = np.arange(8) == 7
    record[:, 1] = np.arange(8) != 1
    return record
