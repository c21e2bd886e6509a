"""The optimum's sets come first, so greedy takes them in a tie.

says: greedy gets 1.000000 of the optimum
"""

import numpy as np


def worst_case(k):
    column, row = np.divmod(np.arange(k * (k + 1)), k + 1)
    weights = np.append((1 - 1 / k) ** np.arange(k) / k, (1 - 1 / k) ** k)
    sets = [column == j for j in range(k)] + [row == i for i in range(k)]
    return np.array(sets).astype(int), weights[row]
