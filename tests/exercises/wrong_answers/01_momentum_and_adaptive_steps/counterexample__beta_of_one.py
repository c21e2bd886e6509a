"""With β = 1 nothing is ever forgotten.

says: beta=1 must be at least 0 and below 1
"""


def counterexample():
    return 1.0, 1.6, 1.0
