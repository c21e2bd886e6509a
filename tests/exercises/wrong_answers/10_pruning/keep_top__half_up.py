"""A half is rounded up, as at school: 2.5 becomes 3.

says: a half goes to the even number
"""

import numpy as np


def keep_top(scores, density):
    kept = np.zeros(scores.size, bool)
    kept[np.argsort(-scores, axis=None, kind="stable")[: int(density * scores.size + 0.5)]] = True
    return kept.reshape(scores.shape)
