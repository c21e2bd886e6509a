"""The item that no row covers is left out.

says: of the optimum, not 0.750000
"""

import numpy as np


def worst_case(k):
    column, row = np.divmod(np.arange(k * k), k)
    weights = (1 - 1 / k) ** np.arange(k) / k
    sets = [row == i for i in range(k)] + [column == j for j in range(k)]
    return np.array(sets).astype(int), weights[row]
