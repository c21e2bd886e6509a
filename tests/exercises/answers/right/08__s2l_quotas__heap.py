"""RIGHT · set 08 · s2l_quotas: a heap of sizes and numbers, a float32 array"""

# %% answer
import heapq

import numpy as np


def s2l_quotas(sizes, budget):
    heap = list(zip(sizes.tolist(), range(len(sizes))))
    heapq.heapify(heap)
    out, left = np.zeros(len(sizes), dtype=np.float32), budget
    while heap:
        share = left // len(heap)
        size, c = heapq.heappop(heap)
        out[c] = min(size, share)
        left -= min(size, share)
    return out
