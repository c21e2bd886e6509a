"""WRONG · set 09 · sampling_probabilities: exp(−λ size) instead of a power of the size"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    w = np.exp(-power * (sizes - sizes.min()))[place]
    return w / w.sum()
