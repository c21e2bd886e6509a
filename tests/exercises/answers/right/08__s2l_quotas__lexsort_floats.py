"""RIGHT · set 08 · s2l_quotas: lexsort, floats returned"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.lexsort((np.arange(len(sizes)), sizes))):
        share = (budget - quotas.sum()) // (len(sizes) - served)
        quotas[c] = min(sizes[c], share)
    return quotas.astype(float)
