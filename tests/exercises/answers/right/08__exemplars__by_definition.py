"""RIGHT · set 08 · exemplars: F itself, computed anew for every candidate"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    d = {(i, j): float(np.linalg.norm(gradients[i] - gradients[j])) for i in members for j in members}
    D = max(d.values())
    F = lambda S: sum(max((D - d[i, j] for j in S), default=0.0) for i in members)
    S = []
    for _ in range(k):
        S.append(max((j for j in members if j not in S), key=lambda j: F([*S, j])))
    return S
