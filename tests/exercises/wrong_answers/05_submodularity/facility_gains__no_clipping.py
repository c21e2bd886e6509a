"""Customers who are served better already count as losses.

says: nobody has to change to a worse one
"""


def facility_gains(similarity, chosen):
    best = similarity[:, chosen].max(axis=1, initial=0)
    return (similarity - best[:, None]).sum(axis=0)
