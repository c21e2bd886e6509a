"""Only what is above the largest score that goes: of equal ones none stays.

says: exactly two stay
"""

import numpy as np


def keep_top(scores, density):
    order = np.sort(scores, axis=None)[::-1]
    k = round(density * scores.size)
    return scores > (order[k] if k < scores.size else -np.inf)
