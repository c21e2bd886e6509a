"""WRONG · set 08 · s2l_quotas: shares rounded to the nearest whole number"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.argsort(sizes, kind="stable")):
        quotas[c] = min(sizes[c], round((budget - quotas.sum()) / (len(sizes) - served)))
    return quotas
