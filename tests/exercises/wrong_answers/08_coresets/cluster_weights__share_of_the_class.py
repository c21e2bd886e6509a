"""Every exemplar of a class counts the same.

says: the weights are the sizes of the clusters
"""

import numpy as np


def cluster_weights(gradients, y, chosen):
    return np.array([np.sum(y == y[j]) / np.sum(y[chosen] == y[j]) for j in chosen])
