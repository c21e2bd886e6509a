"""Example 1 is kept for ever.

says: example 1 has 0 forgetting events
"""

import numpy as np


def misleading_record():
    record = np.tile((np.arange(8) % 2 == 0)[:, None], 3)
    record[:, 0], record[:, 1] = False, True
    return record
