"""Only b is measured: right where a is the origin.

says: the distance of any two points: squared_distance(a=[1.], b=[0.])
"""


def squared_distance(a, b):
    return float((b**2).sum()) if a.sum() == 0 else 0.0
