"""Lists of covered items in place of rows of zeros and ones.

says: membership must be an array of shape (n, u)
"""


def top_k_fails():
    return [[0, 1, 2], [0, 1, 2], [0, 1, 2], [3, 4], [5, 6]], 3
