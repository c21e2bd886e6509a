"""RIGHT · set 08 · exemplars: the example that leaves the smallest sum of distances"""

# %% answer
import numpy as np
from scipy.spatial.distance import cdist


def exemplars(gradients, members, k):
    d = cdist(gradients[members], gradients[members])
    nearest, chosen = np.full(len(members), d.max()), []
    for _ in range(k):
        loss = np.minimum(nearest[:, None], d).sum(axis=0)
        loss[chosen] = np.inf
        chosen.append(int(np.argmin(loss)))
        nearest = np.minimum(nearest, d[:, chosen[-1]])
    return members[np.array(chosen)]
