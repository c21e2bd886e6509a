"""RIGHT · set 05 · violation: recursion bits"""
# %% answer
def violation(F, n):
    sets = sorted((tuple(e for e in range(n) if b >> e & 1) for b in range(2**n)), key=len)
    value = {S: F(S) for S in sets}
    plus = lambda S, e: value[tuple(sorted(S + (e,)))] - value[S]
    return next(
        (
            (A, B, e)
            for B in sets
            for A in sets
            if set(A) < set(B)
            for e in range(n)
            if e not in B and plus(A, e) < plus(B, e)
        ),
        None,
    )
