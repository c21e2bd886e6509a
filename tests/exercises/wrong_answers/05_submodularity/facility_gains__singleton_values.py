"""What every element is worth alone, whatever is chosen.

says: only the first customer changes
"""


def facility_gains(similarity, chosen):
    return similarity.sum(axis=0)
