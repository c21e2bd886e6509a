"""WRONG · set 08 · s2l_quotas: one by one, from the largest"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas, order = np.zeros(len(sizes), dtype=int), np.argsort(-sizes, kind="stable")
    while budget:
        for c in order:
            if budget and quotas[c] < sizes[c]:
                quotas[c] += 1
                budget -= 1
    return quotas
