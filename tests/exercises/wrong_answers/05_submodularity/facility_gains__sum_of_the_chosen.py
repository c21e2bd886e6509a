"""A customer counts what all chosen elements are worth to it, not the best one alone.

says: the gain of e is F(S and e) - F(S)
"""

import numpy as np


def facility_gains(similarity, chosen):
    served = similarity[:, chosen].sum(axis=1)
    return np.maximum(similarity - served[:, None], 0).sum(axis=0)
