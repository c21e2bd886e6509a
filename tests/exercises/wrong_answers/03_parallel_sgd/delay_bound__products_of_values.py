"""The values are multiplied: two examples of opposite signs seem not to meet.

says: also where products cancel
"""

import numpy as np


def delay_bound(x):
    meets = x @ x.T > 0
    np.fill_diagonal(meets, False)
    degree = meets.sum(axis=1)
    return len(x) / (2 * degree.mean()) if degree.any() else np.inf
