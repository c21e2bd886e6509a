"""RIGHT · set 05 · lazy_greedy: sorted list"""
# %% answer
from bisect import insort


def lazy_greedy(gain, n, k):
    bounds = sorted((-gain([], e), e) for e in range(n))
    chosen = [bounds.pop(0)[1]] if k else []
    while len(chosen) < k:
        _, e = bounds.pop(0)
        fresh = (-gain(chosen, e), e)
        if not bounds or fresh <= bounds[0]:
            chosen.append(e)
        else:
            insort(bounds, fresh)
    return chosen
