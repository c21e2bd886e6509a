"""Only the empty set is compared with larger ones.

says: a violation where A is not empty
"""

from itertools import combinations


def violation(F, n):
    gain = lambda S, e: F(tuple(sorted((*S, e)))) - F(S)
    for size in range(n):
        for B in combinations(range(n), size):
            for A in ((),) if B else ():
                for e in set(range(n)) - set(B):
                    if gain(A, e) < gain(B, e):
                        return A, B, e
    return None
