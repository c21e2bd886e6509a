"""RIGHT · set 09 · sampling_probabilities: a loop with sizes counted again and again"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    p = np.empty(len(groups))
    for i in range(len(groups)):
        p[i] = 1 / np.count_nonzero(groups == groups[i]) ** power
    p /= p.sum()
    return tuple(p)
