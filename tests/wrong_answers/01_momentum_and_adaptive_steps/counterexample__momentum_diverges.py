"""Negative curvature makes every rule diverge.

says: must be finite and above 0
"""


def counterexample():
    return -1.0, 1.6, 0.9
