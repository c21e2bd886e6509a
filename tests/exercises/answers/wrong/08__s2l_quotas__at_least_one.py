"""WRONG · set 08 · s2l_quotas: every cluster gives at least one"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.argsort(sizes, kind="stable")):
        share = max(1, (budget - quotas.sum()) // (len(sizes) - served))
        quotas[c] = min(sizes[c], share, budget - quotas.sum())
    return quotas
