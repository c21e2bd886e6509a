"""Quotas in the order of service, not of sizes.

says: what it leaves over goes to the larger ones
"""

import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.argsort(sizes, kind="stable")):
        share = (budget - quotas.sum()) // (len(sizes) - served)
        quotas[c] = min(sizes[c], share)
    return np.sort(quotas)
