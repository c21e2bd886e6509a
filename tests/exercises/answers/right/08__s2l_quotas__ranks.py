"""RIGHT · set 08 · s2l_quotas: the rank of each cluster by counting, np.floor of a true division"""

# %% answer
import numpy as np


def s2l_quotas(sizes, budget):
    rank = [sum((s, d) < (sizes[c], c) for d, s in enumerate(sizes)) for c in range(len(sizes))]
    found = [0] * len(sizes)
    for place in range(len(sizes)):
        c = rank.index(place)
        found[c] = int(min(sizes[c], np.floor((budget - sum(found)) / (len(sizes) - place))))
    return found
