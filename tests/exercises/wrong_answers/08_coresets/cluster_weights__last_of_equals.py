"""Of two exemplars that are equally near, the last one represents.

says: the one that comes first in chosen
"""

import numpy as np


def cluster_weights(gradients, y, chosen):
    weights = np.zeros(len(chosen))
    for c in np.unique(y):
        members, places = np.flatnonzero(y == c), np.flatnonzero(y[chosen] == c)
        d = np.linalg.norm(gradients[members][:, None] - gradients[chosen[places]][None], axis=2)
        weights[places] = np.bincount(len(places) - 1 - d[:, ::-1].argmin(axis=1), minlength=len(places))
    return weights
