"""Only the last element of S is remembered.

says: the gain of e is F(S and e) - F(S)
"""

import numpy as np


def facility_gains(similarity, chosen):
    best = similarity[:, chosen[-1]] if len(chosen) else np.zeros(len(similarity))
    return np.maximum(similarity - best[:, None], 0).sum(axis=0)
