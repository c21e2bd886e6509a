"""WRONG · set 08 · s2l_quotas: the rest goes one by one to the clusters that come first"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    while quotas.sum() < budget:
        open_ = np.flatnonzero(quotas < sizes)
        share = (budget - quotas.sum()) // len(open_)
        if share == 0:
            quotas[open_[: budget - quotas.sum()]] += 1
        else:
            quotas[open_] += np.minimum(share, (sizes - quotas)[open_])
    return quotas
