"""RIGHT · set 09 · central_examples: heapq.nsmallest and math.dist, a list of floats"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    import heapq
    from math import dist

    out = []
    for c in np.unique(y):
        ids = [i for i in range(len(y)) if y[i] == c]
        out += heapq.nsmallest(k, ids, key=lambda i: sum(dist(gradients[i], gradients[j]) for j in ids))
    return [float(i) for i in sorted(out)]
