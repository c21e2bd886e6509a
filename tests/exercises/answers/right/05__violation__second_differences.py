"""RIGHT · set 05 · violation: A is B without one element, lists, B by size"""
def violation(F, n):
    value = lambda S: F(tuple(sorted(S)))
    for size in range(1, n):
        for B in combinations(range(n), size):
            for b in B:
                A = [a for a in B if a != b]
                for e in range(n):
                    if e not in B and value([*A, e]) - value(A) < value([*B, e]) - value(B):
                        return [A, list(B), np.int64(e)]
