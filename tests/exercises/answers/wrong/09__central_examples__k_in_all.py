"""WRONG · set 09 · central_examples: k in all, not of each class"""

# %% answer
import numpy as np


def central_examples(gradients, y, k):
    d = np.linalg.norm(gradients[:, None] - gradients, axis=2) * (y[:, None] == y)
    return np.sort(d.sum(axis=1).argsort()[:k])
