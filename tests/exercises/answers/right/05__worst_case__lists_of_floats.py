"""RIGHT · set 05 · worst_case: lists, weights as floats that sum to 1"""
def worst_case(k):
    share = [(1 - 1 / k) ** i / k for i in range(k)] + [(1 - 1 / k) ** k]
    items = [(column, slice_) for column in range(k) for slice_ in range(k + 1)]
    rows = [[int(s == r) for _, s in items] for r in range(k)]
    columns = [[int(c == j) for c, _ in items] for j in range(k)]
    return rows + columns, [share[s] / k for _, s in items]
