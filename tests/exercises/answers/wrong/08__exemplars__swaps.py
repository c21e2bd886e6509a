"""WRONG · set 08 · exemplars: k-medoids: greedy, then swaps as long as they help"""

# %% answer
import numpy as np


def exemplars(gradients, members, k):
    g = gradients[members]
    d = np.linalg.norm(g[:, None] - g[None], axis=2)
    chosen = []
    for _ in range(k):
        rest = [j for j in range(len(g)) if j not in chosen]
        chosen.append(min(rest, key=lambda j: d[:, [*chosen, j]].min(axis=1).sum()))
    better = True
    while better:
        better = False
        for place in range(k):
            for j in range(len(g)):
                other = [*chosen[:place], j, *chosen[place + 1 :]]
                if d[:, other].min(axis=1).sum() < d[:, chosen].min(axis=1).sum() - 1e-9:
                    chosen, better = other, True
    return members[chosen]
