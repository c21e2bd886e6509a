"""RIGHT · set 08 · cluster_weights: scipy's distances and a table of ones"""

# %% answer
import numpy as np
from scipy.spatial.distance import cdist


def cluster_weights(gradients, y, chosen):
    d = cdist(gradients, gradients[chosen])
    d = np.where(y[:, None] == y[chosen], d, np.inf)
    return np.eye(len(chosen))[np.argmin(d, axis=1)].sum(axis=0)
