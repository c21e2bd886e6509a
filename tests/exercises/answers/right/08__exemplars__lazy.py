"""RIGHT · set 08 · exemplars: lazy greedy with a heap"""

# %% answer
import heapq

import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    s, best, chosen = d.max() - d, np.zeros(len(g)), []
    heap = [(-s[:, e].sum(), e, 0) for e in range(len(g))]
    heapq.heapify(heap)
    while len(chosen) < k:
        _, e, seen = heapq.heappop(heap)
        if seen == len(chosen):
            chosen.append(e)
            best = np.maximum(best, s[:, e])
        else:
            heapq.heappush(heap, (-np.maximum(s[:, e] - best, 0).sum(), e, len(chosen)))
    return [int(members[e]) for e in chosen]
