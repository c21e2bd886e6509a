"""A product of vectors: of two matrices it is a matrix.

says: an array of shape (2, 2) instead of a number
"""


def squared_distance(a, b):
    return (a - b) @ (a - b)
