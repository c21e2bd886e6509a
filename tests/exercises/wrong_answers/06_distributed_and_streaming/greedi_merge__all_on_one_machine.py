"""Greedy runs on all elements at once, which no machine has.

says: no machine has them all
"""


def greedi_merge(greedy, value, parts, k):
    return greedy([e for part in parts for e in part], k)
