"""All sets are tried, but the large ones first.

says: as few elements in B as possible
"""

from itertools import combinations


def violation(F, n):
    gain = lambda S, e: F(tuple(sorted((*S, e)))) - F(S)
    for size in reversed(range(n)):
        for B in combinations(range(n), size):
            for A in (A for a in range(size) for A in combinations(B, a)):
                for e in set(range(n)) - set(B):
                    if gain(A, e) < gain(B, e):
                        return A, B, e
    return None
