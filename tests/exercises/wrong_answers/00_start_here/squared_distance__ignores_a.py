"""Only b is measured: right where a is the origin.

says: 1.5² + 0.5² = 2.5
"""


def squared_distance(a, b):
    return float((b**2).sum()) if a.sum() == 0 else 0.0
