"""Hunts for a function that decreases: that is monotonicity.

says: returned None
"""

from itertools import combinations


def violation(F, n):
    for size in range(n):
        for A in combinations(range(n), size):
            for e in set(range(n)) - set(A):
                B = tuple(sorted((*A, e)))
                if F(B) < F(A):
                    return A, B, e
    return None
