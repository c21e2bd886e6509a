"""η is beyond 2/h: descent diverges, and the look-ahead is not to blame.

says: gradient descent must converge
"""


def counterexample():
    return 1.0, 3.0, 0.9
