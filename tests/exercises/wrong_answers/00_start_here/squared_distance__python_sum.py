"""Python's sum adds up the rows of a matrix.

says: an array of shape (2,) instead of a number
"""


def squared_distance(a, b):
    return sum((a - b) ** 2)
