"""RIGHT · set 05 · top_k_fails: lists of lists, k = 4"""
def top_k_fails():
    rows = [[1] * 4 + [0] * 9 for _ in range(4)]
    rows += [[0] * (4 + 3 * j) + [1] * 3 + [0] * (6 - 3 * j) for j in range(3)]
    return rows, 4
