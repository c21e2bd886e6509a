"""All that the machines chose, mk elements.

says: at most k = 2 are allowed
"""


def greedi_merge(greedy, value, parts, k):
    return sorted({e for part in parts for e in greedy(part, k)})
