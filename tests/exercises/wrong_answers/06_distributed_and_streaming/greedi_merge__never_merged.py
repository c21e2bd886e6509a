"""The best machine's own set, without a second round.

says: from two machines, cover 5 items
"""


def greedi_merge(greedy, value, parts, k):
    local = [greedy(part, k) for part in parts]
    return max(local, key=value)
