"""From the largest to the smallest: what the small ones lack is lost.

says: what it leaves over goes to the larger ones
"""

import numpy as np


def s2l_quotas(sizes, budget):
    quotas = np.zeros(len(sizes), dtype=int)
    for served, c in enumerate(np.argsort(-sizes, kind="stable")):
        share = (budget - quotas.sum()) // (len(sizes) - served)
        quotas[c] = min(sizes[c], share)
    return quotas
