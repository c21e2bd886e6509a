"""Sets are compared by the sum of their elements' own values.

says: sets are compared by F
"""


def greedi_merge(greedy, value, parts, k):
    local = [greedy(part, k) for part in parts]
    merged = greedy([e for chosen in local for e in chosen], k)
    return max([merged, *local], key=lambda S: sum(value([e]) for e in S))
