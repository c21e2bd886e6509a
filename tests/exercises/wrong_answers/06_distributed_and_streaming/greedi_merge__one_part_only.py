"""Only the first machine is heard.

says: from two machines, cover 5 items
"""


def greedi_merge(greedy, value, parts, k):
    return greedy(parts[0], k)
