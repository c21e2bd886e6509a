"""Shares in proportion to the sizes, as in a random subset.

says: cluster 1 is taken whole
"""

import numpy as np


def s2l_quotas(sizes, budget):
    exact = budget * sizes / sizes.sum()
    quotas = np.floor(exact).astype(int)
    quotas[np.argsort(quotas - exact, kind="stable")[: budget - quotas.sum()]] += 1
    return quotas
