"""WRONG · set 09 · sampling_probabilities: one minus the share of the group, to the power"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    w = (1 - sizes[place] / len(groups) + 1e-12) ** power
    return w / w.sum()
