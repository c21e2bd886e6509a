"""RIGHT · set 09 · sampling_probabilities: bincount of shifted groups, float32"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    shifted = groups - groups.min()
    sizes = np.bincount(shifted)[shifted].astype(np.float32)
    w = np.power(sizes, -np.float32(power))
    return w / w.sum()
