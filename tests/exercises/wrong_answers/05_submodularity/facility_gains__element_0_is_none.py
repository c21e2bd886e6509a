"""`any` takes the set {0} for an empty one.

says: also for S = {0}
"""

import numpy as np


def facility_gains(similarity, chosen):
    if not chosen.any():
        return similarity.sum(axis=0)
    best = similarity[:, chosen].max(axis=1)
    return np.maximum(similarity - best[:, None], 0).sum(axis=0)
