"""RIGHT · set 08 · s2l_quotas: divmod"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.argsort(sizes, kind="stable")):
        share, _ = divmod(budget - int(quotas.sum()), len(sizes) - served)
        quotas[c] = min(sizes[c], share)
    return quotas
