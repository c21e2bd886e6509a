"""WRONG · set 08 · s2l_quotas: fractions of examples"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=float)
    for served, c in enumerate(np.argsort(sizes, kind="stable")):
        share = (budget - quotas.sum()) / (len(sizes) - served)
        quotas[c] = min(sizes[c], share)
    return quotas
