"""RIGHT · set 08 · error_and_bound: one stacked matrix with signed weights; the bound class by class in float32"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    rows = np.vstack([gradients, gradients[chosen]])
    signs = np.concatenate([np.ones(len(y)), -weights])
    g, bound = gradients.astype(np.float32), np.float32(0)
    for c in np.unique(y):
        own = g[[j for j in chosen if y[j] == c]]
        bound += np.sqrt(((g[y == c][:, None] - own) ** 2).sum(2)).min(1).sum()
    return [np.linalg.norm(signs @ rows), bound]
