"""A chosen element stays in the heap with its old bound.

says: no element twice
"""

import heapq


def lazy_greedy(gain, n, k):
    chosen, heap = [], [(-gain([], e), e, 0) for e in range(n)]
    heapq.heapify(heap)
    while len(chosen) < k:
        bound, e, size = heapq.heappop(heap)
        if size == len(chosen):
            chosen.append(e)
            heapq.heappush(heap, (bound, e, size))
        else:
            heapq.heappush(heap, (-gain(chosen, e), e, len(chosen)))
    return chosen
