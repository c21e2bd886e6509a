"""The merged set is returned, also if one machine's own is worth more.

says: the best single machine covers
"""


def greedi_merge(greedy, value, parts, k):
    local = [greedy(part, k) for part in parts]
    return greedy([e for chosen in local for e in chosen], k)
