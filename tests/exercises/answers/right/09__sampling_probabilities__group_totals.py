"""RIGHT · set 09 · sampling_probabilities: first the total of each group, then shared"""

# %% answer
import numpy as np


def sampling_probabilities(groups, power):
    names, sizes = np.unique(groups, return_counts=True)
    totals = sizes.astype(float) ** (1 - power)
    share = dict(zip(names.tolist(), (totals / totals.sum() / sizes).tolist()))
    return list(map(share.get, groups.tolist()))
