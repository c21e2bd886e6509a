"""Every machine chooses k/m elements, and what they chose is put together.

says: from two machines, cover 5 items
"""


def greedi_merge(greedy, value, parts, k):
    share = max(k // len(parts), 1)
    local = [greedy(part, k) for part in parts]
    few = [e for chosen in local for e in chosen[:share]]
    return max([few[:k], *local], key=value)
