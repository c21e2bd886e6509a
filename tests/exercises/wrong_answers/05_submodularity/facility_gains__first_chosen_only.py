"""Of several chosen elements only the first counts.

says: the gain of e is F(S and e) - F(S)
"""

import numpy as np


def facility_gains(similarity, chosen):
    best = similarity[:, chosen[0]] if len(chosen) else np.zeros(len(similarity))
    return np.maximum(similarity - best[:, None], 0).sum(axis=0)
