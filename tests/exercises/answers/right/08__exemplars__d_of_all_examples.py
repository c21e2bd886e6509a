"""RIGHT · set 08 · exemplars: a larger D, over all examples: the order of the gains is the same"""

# %% answer
import numpy as np
from scipy.spatial.distance import cdist


def exemplars(gradients, members, k):
    s = cdist(gradients, gradients)
    s = (s.max() - s)[np.ix_(members, members)]
    best, rest, chosen = np.zeros(len(members)), list(range(len(members))), []
    while len(chosen) < k:
        e = max(rest, key=lambda j: np.maximum(s[:, j], best).sum())
        rest.remove(e)
        chosen.append(members[e])
        best = np.maximum(best, s[:, e])
    return chosen
