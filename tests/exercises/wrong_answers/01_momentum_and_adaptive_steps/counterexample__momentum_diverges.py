"""Negative curvature makes every rule diverge.

says: must be between 0.001 and 1000
"""


def counterexample():
    return -1.0, 1.6, 0.9
