"""RIGHT · set 08 · cluster_weights: float32 gradients and a Counter of places"""

# %% answer
from collections import Counter

import numpy as np


def cluster_weights(gradients, y, chosen):
    g = gradients.astype(np.float32)
    nearest = []
    for i in range(len(y)):
        places = [p for p in range(len(chosen)) if y[chosen[p]] == y[i]]
        nearest.append(min(places, key=lambda p: (np.linalg.norm(g[i] - g[chosen[p]]), p)))
    count = Counter(nearest)
    return tuple(count[p] for p in range(len(chosen)))
