"""WRONG · set 09 · sampling_probabilities: each group's total, not each example's weight, has the power"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    w = 1 / sizes.astype(float) ** power
    return (w / w.sum() / sizes)[place]
