"""Bounds are never brought up to date.

says: a bound must be brought up to date
"""

import heapq


def lazy_greedy(gain, n, k):
    chosen, heap = [], [(-gain([], e), e) for e in range(n)]
    heapq.heapify(heap)
    while len(chosen) < k:
        chosen.append(heapq.heappop(heap)[1])
    return chosen
