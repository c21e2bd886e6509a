"""RIGHT · set 08 · s2l_quotas: sorted quotas, put back by an inverse permutation"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    order, given, left = np.argsort(sizes, kind="mergesort"), [], budget
    for size in sizes[order]:
        given.append(min(size, left // (len(sizes) - len(given))))
        left -= given[-1]
    return np.array(given)[np.argsort(order)]
