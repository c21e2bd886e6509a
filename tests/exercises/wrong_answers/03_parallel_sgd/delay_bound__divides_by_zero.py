"""Without conflicts the average degree is 0, and Python divides by it.

says: ZeroDivisionError
"""


def delay_bound(x):
    e = (x != 0).astype(float)
    edges = int((e @ e.T > 0).sum()) - len(x)
    return len(x) ** 2 / (2 * edges)
