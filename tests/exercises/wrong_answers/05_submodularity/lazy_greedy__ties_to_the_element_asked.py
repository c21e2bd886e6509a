"""Of equal gains the element that was asked last wins, not the smallest.

says: greedy chooses
"""

import heapq


def lazy_greedy(gain, n, k):
    heap = [(-gain([], e), e) for e in range(n)]
    heapq.heapify(heap)
    chosen = [heapq.heappop(heap)[1]]
    while len(chosen) < k:
        _, e = heapq.heappop(heap)
        now = gain(chosen, e)
        if not heap or now >= -heap[0][0]:
            chosen.append(e)
        else:
            heapq.heappush(heap, (-now, e))
    return chosen
