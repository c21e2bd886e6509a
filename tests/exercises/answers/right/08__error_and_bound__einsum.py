"""RIGHT · set 08 · error_and_bound: einsum and a masked minimum"""

# %% answer
import numpy as np


def error_and_bound(gradients, y, chosen, weights):
    difference = gradients[:, None] - gradients[chosen]
    d = np.sqrt(np.einsum("ijk,ijk->ij", difference, difference))
    same = y[:, None] == y[chosen]
    nearest = np.min(d, axis=1, initial=1e300, where=same)
    error = np.ones(len(y)) @ gradients - np.einsum("j,jk->k", weights, gradients[chosen])
    return np.sqrt((error**2).sum()), nearest.sum()
