"""The squares are not added up.

says: instead of shape ()
"""


def squared_distance(a, b):
    return (a - b) ** 2
