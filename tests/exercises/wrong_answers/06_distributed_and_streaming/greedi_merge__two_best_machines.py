"""Only what the two best machines chose is merged.

says: from two machines
"""


def greedi_merge(greedy, value, parts, k):
    local = sorted((greedy(part, k) for part in parts), key=value)
    merged = greedy([e for chosen in local[-2:] for e in chosen], k)
    return max([merged, *local], key=value)
