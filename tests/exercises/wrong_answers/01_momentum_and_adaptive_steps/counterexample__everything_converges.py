"""A pair with which all three rules converge.

says: Nesterov's rule must diverge
"""


def counterexample():
    return 1.0, 0.1, 0.9
