"""Of equal bounds the largest element leads.

says: it chooses what greedy chooses
"""

import heapq


def lazy_greedy(gain, n, k):
    chosen, heap = [], [(-gain([], e), -e, 0) for e in range(n)]
    heapq.heapify(heap)
    while len(chosen) < k:
        _, e, size = heapq.heappop(heap)
        e = -e
        if size == len(chosen):
            chosen.append(e)
        else:
            heapq.heappush(heap, (-gain(chosen, e), -e, len(chosen)))
    return chosen
