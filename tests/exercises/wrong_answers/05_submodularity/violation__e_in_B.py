"""Elements of B are tried too: they gain nothing there, which is more than a loss.

says: is in B already
"""

from itertools import combinations


def violation(F, n):
    gain = lambda S, e: F(tuple(sorted({*S, e}))) - F(S)
    for size in range(n):
        for B in combinations(range(n), size):
            for A in (A for a in range(size) for A in combinations(B, a)):
                for e in range(n):
                    if gain(A, e) < gain(B, e):
                        return A, B, e
    return None
