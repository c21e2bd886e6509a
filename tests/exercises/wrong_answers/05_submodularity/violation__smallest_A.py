"""The smallest A comes first, not the smallest B.

says: as few elements in B as possible
"""

from itertools import combinations


def violation(F, n):
    gain = lambda S, e: F(tuple(sorted((*S, e)))) - F(S)
    sets = [S for size in range(n) for S in combinations(range(n), size)]
    for A in sets:
        for B in sets:
            for e in set(range(n)) - set(B):
                if set(A) < set(B) and gain(A, e) < gain(B, e):
                    return A, B, e
    return None
