"""WRONG · set 08 · exemplars: the chosen ones no longer count as members to be represented"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    similarity, chosen = d.max() - d, []
    for _ in range(k):
        rest = [i for i in range(len(g)) if i not in chosen]
        chosen.append(max(rest, key=lambda j: similarity[rest, j].sum()))
    return members[chosen]
