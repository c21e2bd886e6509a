"""WRONG · set 08 · s2l_quotas: clusters are served in the order of their numbers"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for c in range(len(sizes)):
        quotas[c] = min(sizes[c], (budget - quotas.sum()) // (len(sizes) - c))
    return quotas
