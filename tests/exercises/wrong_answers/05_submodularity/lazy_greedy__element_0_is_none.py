"""`if e` leaves out element 0.

says: after element 0
"""

import heapq


def lazy_greedy(gain, n, k):
    chosen, heap = [], [(-gain([], e), e, 0) for e in range(n)]
    heapq.heapify(heap)
    while len(chosen) < k:
        _, e, size = heapq.heappop(heap)
        if not e:
            continue
        if size == len(chosen):
            chosen.append(e)
        else:
            heapq.heappush(heap, (-gain(chosen, e), e, len(chosen)))
    return chosen
