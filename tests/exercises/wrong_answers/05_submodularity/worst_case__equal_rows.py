"""Every row takes the same weight, so nothing of a column is left.

says: greedy gets 1.000000 of the optimum
"""

import numpy as np


def worst_case(k):
    column, row = np.divmod(np.arange(k * k), k)
    sets = [row == i for i in range(k)] + [column == j for j in range(k)]
    return np.array(sets).astype(int), np.ones(k * k)
