"""The squares are not added up.

says: instead of shape () of floats
"""


def squared_distance(a, b):
    return (a - b) ** 2
