"""RIGHT · set 08 · error_and_bound: weights of all examples, most of them 0"""

# %% answer
import numpy as np
from scipy.spatial.distance import cdist


def error_and_bound(gradients, y, chosen, weights):
    full = np.zeros(len(y))
    full[chosen] = weights
    bound = 0.0
    for c in np.unique(y):
        own = chosen[y[chosen] == c]
        bound += cdist(gradients[y == c], gradients[own]).min(axis=1).sum()
    return np.linalg.norm((1 - full) @ gradients), bound
