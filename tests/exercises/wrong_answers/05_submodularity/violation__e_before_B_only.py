"""Only elements before the first one of B are tried as e.

says: but violation returned None
"""

from itertools import combinations


def violation(F, n):
    gain = lambda S, e: F(tuple(sorted((*S, e)))) - F(S)
    for size in range(1, n):
        for B in combinations(range(n), size):
            for A in (A for a in range(size) for A in combinations(B, a)):
                for e in range(min(B)):
                    if gain(A, e) < gain(B, e):
                        return A, B, e
    return None
