"""WRONG · set 05 · violation: absolute gains"""
# %% answer
from itertools import combinations


def violation(F, n):
    g = lambda S, e: F(tuple(sorted((*S, e)))) - F(S)
    for size in range(1, n):
        for B in combinations(range(n), size):
            for A in combinations(B, size - 1):
                for e in set(range(n)) - set(B):
                    if abs(g(A, e)) < abs(g(B, e)):
                        return A, B, e
    return None
