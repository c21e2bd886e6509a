"""WRONG · set 09 · sampling_probabilities: one probability per group"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    sizes = np.unique(groups, return_counts=True)[1].astype(float)
    w = sizes**-power
    return w / w.sum()
